"""What `/subscribe`, `/unsubscribe` and `/subscriptions` share: what may be named, and how it is listed."""

from __future__ import annotations

from bot.core.catalog import Catalog, Service
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.people import is_member
from bot.core.policy import Permission, authorise, visible_names, visible_services
from bot.core.subscriptions import Filter, FixedSubscription, Subscription
from bot.core.text import Mention, Moment, Span, Text, code, line
from bot.core.values import ActorKind, Person

DIRECT = "D"  # how the ids of direct messages begin


def known_words(ctx: Context) -> dict[str, tuple[str, ...]]:
    """The services that this person may know of, with their environments."""
    seen = visible_services(ctx.person, ctx.catalog)
    return {each.name: tuple(place.name for place in each.environments) for each in seen}


def here(ctx: Context) -> str:
    """The channel that is meant; UserError where it is none."""
    channel = ctx.place.channel
    if not channel or channel.startswith(DIRECT):
        raise UserError(
            "Subscriptions belong to channels.",
            "This is no channel: what you ask for yourself is answered to you anyway.",
            "Type it in the channel that wants to hear of it.",
        )
    return channel


def covered(catalog: Catalog, person: Person, filter: Filter) -> tuple[Service, ...]:
    """The services it is about, as far as this person may know of them."""
    seen = visible_services(person, catalog)
    return tuple(each for each in seen if not filter.services or each.name in filter.services)


def must_subscribe(ctx: Context, person: Person, filter: Filter) -> None:
    """Denied unless they may for each of the places that it is about."""
    for service in covered(ctx.catalog, person, filter):
        places = [each for each in service.environments if each.name in filter.environments]
        for place in places:
            authorise(Permission.SUBSCRIBE, person, ctx.catalog, service, place)
        if not places:
            authorise(Permission.SUBSCRIBE, person, ctx.catalog, service)


def may_end(ctx: Context, person: Person, subscription: Subscription) -> bool:
    """Whether they made it, or own one of the services that it names."""
    made_it = subscription.maker.kind is ActorKind.PERSON and subscription.maker.id == person.id
    named = [ctx.catalog.service(name) for name in subscription.filter.services]
    return made_it or any(is_member(each.owners, person) for each in named if each is not None)


def may_see(ctx: Context, filter: Filter) -> bool:
    """Whether this person may know of all the services that it names and that there are."""
    still = {name for name in filter.services if ctx.catalog.service(name) is not None}
    return still <= visible_names(ctx.person, ctx.catalog)


async def fixed_here(ctx: Context, channel: str) -> tuple[FixedSubscription, ...]:
    """Those of the catalog, which names channels as people do."""
    wanted = [each for each in ctx.catalog.subscriptions if may_see(ctx, each.filter)]
    if not wanted:
        return ()
    names = {channel, await ctx.channels.name_of(ctx.workspace, channel)}
    return tuple(each for each in wanted if each.channel in names)


def listed(ctx: Context, subscription: Subscription, *, channel: bool = False) -> Text:
    """One line: its number, what it says, who made it and when."""
    maker = subscription.maker
    who: Span | str = Mention(maker.id, maker.name) if maker.kind is ActorKind.PERSON else maker.name
    spans: list[Span | str] = [code(f"/unsubscribe {subscription.number}"), " · "]
    spans += [f"{subscription.name or subscription.channel} · "] if channel else []
    spans += [code(subscription.filter.said), " · by ", who, " since ", Moment(subscription.since)]
    spans += [f" · off: {subscription.off}"] if subscription.off else []
    return line(*spans) + _unknown(ctx, subscription.filter)


def listed_fixed(fixed: FixedSubscription, *, channel: bool = False) -> Text:
    """The same for one of the catalog, where only a change of the file ends it."""
    where = f"{fixed.channel} · " if channel else ""
    return line(f"slipway.yml · {where}", code(fixed.filter.said))


def hidden(ctx: Context, filter: Filter) -> Service | None:
    """A service that it names and that not everybody may know of."""
    named = [ctx.catalog.service(name) for name in filter.services]
    return next((each for each in named if each is not None and each.visible_to is not None), None)


def inside_only(ctx: Context, filter: Filter) -> Service | None:
    """A service of which people of other organisations may not hear."""
    told = [each for each in covered(ctx.catalog, ctx.person, filter) if each.visible_to is None]
    return next((each for each in told if not each.external), None)


def _unknown(ctx: Context, filter: Filter) -> Text:
    gone = [name for name in filter.services if ctx.catalog.service(name) is None]
    return line(f"The catalog no longer knows {', '.join(gone)}.") if gone else Text(())
