"""/reject: say no to a deployment that waits; it ends there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.intents import CastVote
from bot.core.naming import what_of
from bot.core.policy import Permission
from bot.core.text import bold, line
from bot.core.votes import VoteKind


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number on its card, such as #42")
    reason: str = arg(ArgKind.REST, "why, for whoever asked", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Final: whoever wants it all the same asks again."""
    found = await visible_one(ctx, args.number)
    wish = found.wish
    vote = CastVote(found.number, found.digest or "", VoteKind.REJECT, ctx.person, args.reason)
    return Reply(line("You rejected ", bold(what_of(wish)), "."), (vote,))


COMMAND = Command(
    name="reject",
    arguments=Arguments,
    permission=Permission.DECIDE,
    summary="Reject a deployment that waits for approval, with a reason",
    examples=("/reject #42 because the migration is not reviewed",),
    run=run,
    form=True,
)
