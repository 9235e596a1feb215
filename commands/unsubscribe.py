"""/unsubscribe: end a subscription of this channel, by its number or by what it says."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import Unsubscribe
from bot.core.paging import number_of
from bot.core.policy import Permission
from bot.core.subscriptions import Subscription, read_filter
from bot.core.text import code, line
from bot.core.values import ActorKind
from commands._anew import asker_anew
from commands._subscribing import fixed_here, here, known_words, may_end, may_see, must_subscribe

SHOW = "`/subscriptions` lists what this channel hears."


@dataclass(frozen=True, slots=True)
class Arguments:
    what: str = arg(ArgKind.WORD, "its number, or the service as it was subscribed", label="Subscription")
    pairs: tuple[tuple[str, str], ...] = arg(
        ArgKind.PAIRS, "the other words, as it was subscribed", default=()
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """Whoever made it, owns what it names, or may subscribe to the same."""
    channel = here(ctx)
    all_of_them = await ctx.subscriptions.subscriptions(ctx.workspace)
    seen = [each for each in all_of_them if may_see(ctx, each.filter)]
    number = number_of(args.what) if args.what.isdecimal() else None
    if number is not None and not args.pairs:
        found = _numbered(seen, channel, number)
    else:
        found = await _worded(ctx, [each for each in seen if each.channel == channel], args)
    person = await asker_anew(ctx)
    if not may_end(ctx, person, found):
        must_subscribe(ctx, person, found.filter)
    where = found.name or "this channel"
    text = line(f"{where} no longer hears: ", code(found.filter.said))
    if found.maker.kind is ActorKind.PERSON and found.maker.id != person.id:
        text += line(f"{found.maker.name} had made it, and is told.")
    return Reply(text, (Unsubscribe(found),))


def _numbered(seen: list[Subscription], channel: str, number: int) -> Subscription:
    """In its own channel: what another one hears is nobody's to know here."""
    found = next((each for each in seen if each.number == number and each.channel == channel), None)
    if found is None:
        raise UserError(f"This channel has no subscription {number}.", "", SHOW)
    return found


async def _worded(ctx: Context, seen: list[Subscription], args: Arguments) -> Subscription:
    wanted = read_filter(args.what, args.pairs, known_words(ctx))
    found = next((each for each in seen if each.filter == wanted), None)
    if found is not None:
        return found
    if any(each.filter == wanted for each in await fixed_here(ctx, here(ctx))):
        raise UserError(
            "That subscription stands in slipway.yml.",
            "Only a change of the file ends it.",
            "An administrator can take it out, under `subscriptions:`.",
        )
    near = [each for each in seen if set(wanted.services) & set(each.filter.services)]
    named = ", ".join(f"`/unsubscribe {each.number}` ({each.filter.said})" for each in near[:3])
    why = "Others have to do with it." if near else ""
    raise UserError(
        f"This channel has no subscription `{wanted.said}`.", why, f"Try {named}." if near else SHOW
    )


COMMAND = Command(
    name="unsubscribe",
    arguments=Arguments,
    permission=Permission.UNSUBSCRIBE,
    summary="Let this channel hear less",
    examples=("/unsubscribe 7", "/unsubscribe api env=production on=failure,approval branch=main"),
    run=run,
)
