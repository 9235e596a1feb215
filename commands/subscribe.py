"""/subscribe: let this channel hear of what happens to some services."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import Subscribe
from bot.core.policy import Permission
from bot.core.quiet_hours import known_zone
from bot.core.subscriptions import NOT_YET, Filter, Subscription, Topic, read_filter
from bot.core.text import NOTHING, Text, code, line
from bot.core.wall_clock import WallClock
from commands._subscribing import covered, fixed_here, here, hidden, inside_only, known_words, must_subscribe

EVENTS = ", ".join(Topic)
NO_CARD = frozenset({Topic.LOCK, Topic.FREEZE, Topic.RELEASE})  # a message each, and nothing that changes
SHOW = "`/subscriptions` lists what it hears."


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.WORD, "one service, several with commas between them, or `*` for all")
    pairs: tuple[tuple[str, str], ...] = arg(
        ArgKind.PAIRS, f"`env=`, `branch=`, `workflow=`, and `on=` with some of {EVENTS}", default=()
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """From now on; whoever wants less names fewer events."""
    channel = here(ctx)
    wanted = read_filter(args.service, args.pairs, known_words(ctx))
    must_subscribe(ctx, ctx.person, wanted)
    _refuse_hidden(ctx, wanted)
    await _refuse_shared(ctx, channel, wanted)
    for fixed in await fixed_here(ctx, channel):
        if fixed.filter == wanted:
            raise UserError("This channel hears of that already.", "It stands in slipway.yml.", SHOW)
    kept = [each for each in await ctx.subscriptions.subscriptions(ctx.workspace) if each.channel == channel]
    same = next((each for each in kept if each.filter == wanted), None)
    if same is not None and not same.off:
        raise _stands(ctx, same)
    name = await ctx.channels.name_of(ctx.workspace, channel)
    text = line(f"{name or 'This channel'} is subscribed: ", code(wanted.said))
    one = " Each deployment and each run is one message, which goes on changing."
    text += line(f"It hears of: {', '.join(wanted.topics)}.{one if set(wanted.topics) - NO_CARD else ''}")
    text += _there_already(ctx, {channel, name}, wanted) + _not_yet(wanted)
    text += line(code("/subscriptions"), " lists what it hears, and how to end it.")
    return Reply(text, (Subscribe(channel, name, wanted),))


def _refuse_hidden(ctx: Context, wanted: Filter) -> None:
    """Who is in a channel is nobody's to know here, so the file says where it may be spoken of."""
    service = hidden(ctx, wanted)
    if service is not None:
        raise UserError(
            f"Only slipway.yml says which channels hear of {service.name}.",
            "Not everybody may know of it.",
            "An administrator can name this channel there, under `subscriptions:`.",
        )


async def _refuse_shared(ctx: Context, channel: str, wanted: Filter) -> None:
    if not await ctx.channels.outside(ctx.workspace, channel):
        return
    service = inside_only(ctx, wanted)
    if service is not None:
        raise UserError(
            "This channel is shared with people of other organisations.",
            f"They would hear of {service.name}, and the catalog does not allow that.",
            "Ask in another channel, or an administrator can say `external: true` in slipway.yml.",
        )


def _there_already(ctx: Context, here: set[str], wanted: Filter) -> Text:
    """Whose own channel it is needs to know why it hears nothing twice."""
    found = [
        service.name
        for service in covered(ctx.catalog, ctx.person, wanted)
        if any(ctx.catalog.channel_of(service, each) in here for each in service.environments)
    ]
    if not found or not set(wanted.topics) - NO_CARD:
        return NOTHING
    return line(f"Deployments of {', '.join(found)} have their cards here anyway, and get no second one.")


def _stands(ctx: Context, same: Subscription) -> UserError:
    clock = WallClock(known_zone(ctx.person.zone))
    since = f"{same.maker.name} made that subscription, {clock.said(same.since)}."
    return UserError("This channel hears of that already.", since, SHOW)


def _not_yet(wanted: Filter) -> Text:
    silent = [topic for topic in wanted.topics if topic in NOT_YET]
    if not silent:
        return NOTHING
    return line(f"Nothing tells of {', '.join(silent)} yet; when it does, this channel hears it.")


COMMAND = Command(
    name="subscribe",
    arguments=Arguments,
    permission=Permission.SUBSCRIBE,
    summary="Let this channel hear of deployments",
    examples=(
        "/subscribe api env=production on=failure,approval branch=main",
        "/subscribe api",
        "/subscribe * on=lock,freeze",
    ),
    run=run,
)
