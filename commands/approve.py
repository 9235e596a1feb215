"""/approve: say yes to a deployment that waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import same_name, visible_one, wants_name, writer
from bot.core.errors import UserError
from bot.core.intents import CastVote
from bot.core.naming import what_of
from bot.core.policy import Permission
from bot.core.text import bold, line
from bot.core.votes import VoteKind


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number on its card, such as #42")
    environment: str | None = arg(
        ArgKind.WORD, "its environment once more, where the card asks for that", default=None
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """What was read from the store is what the vote is bound to."""
    found = await visible_one(ctx, args.number)
    wish = found.wish
    if wants_name(found, ctx.catalog) and not same_name(args.environment or "", wish.environment):
        raise UserError(
            f"{wish.environment} wants its name typed with the approval.",
            f"This decides on {what_of(wish)}.",
            f"Write `/approve #{found.number} {wish.environment}`.",
        )
    person = await writer(ctx, found)
    vote = CastVote(found.number, found.digest or "", VoteKind.APPROVE, person)
    return Reply(line("You approved ", bold(what_of(wish)), "."), (vote,))


COMMAND = Command(
    name="approve",
    arguments=Arguments,
    permission=Permission.DECIDE,
    summary="Approve a deployment that waits for it",
    examples=("/approve #42", "/approve #42 production"),
    run=run,
    form=True,
)
