"""/handover: let a newer request replace one that waits in front of it, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.intents import HandOver
from bot.core.policy import Permission, authorise_on
from bot.core.superseding import must_replace
from bot.core.text import bold, line


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number of the one that gives way, such as #42")
    newer: str = arg(ArgKind.WORD, "the number of the one that replaces it", filler=("to",))
    reason: str = arg(ArgKind.REST, "why; whoever asked for it reads it", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """The older one ends; the newer one is judged by every gate as before."""
    older = await visible_one(ctx, args.number)
    authorise_on(Permission.HAND_OVER, ctx.person, ctx.catalog, older)
    newer = await visible_one(ctx, args.newer)
    must_replace(older, newer)
    text = line("You handed the place of ", bold(f"#{older.number}"), " over.")
    return Reply(text, (HandOver(older.number, newer.number, ctx.person, args.reason),))


COMMAND = Command(
    name="handover",
    arguments=Arguments,
    permission=Permission.HAND_OVER,
    summary="Let a newer request replace one that waits in front of it",
    examples=("/handover #42 to #43 because the fix can't wait for it",),
    run=run,
    form=True,
)
