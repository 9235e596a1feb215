"""/subscriptions: what this channel hears of, who wanted that and since when."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Denied
from bot.core.people import is_member, none_of
from bot.core.policy import Permission
from bot.core.rules import Right
from bot.core.text import Text, bold, code, line
from commands._subscribing import fixed_here, here, listed, listed_fixed, may_see


@dataclass(frozen=True, slots=True)
class Arguments:
    everywhere: bool = arg(
        ArgKind.FLAG, "of all channels, for whom `rights:` names", word="all", default=False
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """Those of the chat with their numbers, and those of the catalog beside them."""
    kept = await ctx.subscriptions.subscriptions(ctx.workspace)
    seen = [each for each in kept if may_see(ctx, each.filter)]
    if args.everywhere:
        _must_see_all(ctx)
        fixed = [each for each in ctx.catalog.subscriptions if may_see(ctx, each.filter)]
        text = sum((listed(ctx, each, channel=True) for each in seen), line(bold("What channels hear of")))
        text = sum((listed_fixed(each, channel=True) for each in fixed), text)
        return Reply(text if seen or fixed else line("No channel is subscribed to anything."))
    channel = here(ctx)
    mine, fixed_ones = [each for each in seen if each.channel == channel], await fixed_here(ctx, channel)
    if not mine and not fixed_ones:
        return Reply(_nothing())
    text = sum((listed(ctx, each) for each in mine), line(bold("What this channel hears of")))
    return Reply(sum((listed_fixed(each) for each in fixed_ones), text))


def _must_see_all(ctx: Context) -> None:
    """The names of other channels, and what is spoken of there, are not for everybody."""
    who = ctx.catalog.rights.of(Right.SUBSCRIBE)
    if not is_member(who, ctx.person):
        names = ", ".join(each.name for each in who)
        raise Denied(
            "You can't see what other channels hear of.",
            none_of(who, ctx.person) if names else "The catalog allows nobody to.",
            f"Ask somebody of {names}." if names else "An administrator can change slipway.yml.",
        )


def _nothing() -> Text:
    text = line("This channel is subscribed to nothing.")
    return text + line("For example: ", code("/subscribe api env=production"))


COMMAND = Command(
    name="subscriptions",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="What this channel hears of",
    examples=("/subscriptions", "/subscriptions all"),
    run=run,
)
