"""Puts together who is told of what: the store that lets subscribers hear, the messenger, and the relay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.app.outside import Outside
from bot.core.catalog import Catalog
from bot.core.chat_ports import Homes, Unfurls
from bot.core.circle import CatalogCircle
from bot.core.effects import Posted
from bot.core.linking import Mint
from bot.core.ports import Clock
from bot.engine.hearing import hear
from bot.engine.outbox import OutboxRelay
from bot.engine.rest import Wake
from bot.engine.subscribing import close_channel
from bot.slack.digests import DigestPoster
from bot.slack.hushing import Hush
from bot.slack.messenger import SlackMessenger
from bot.slack.run_cards import RunCards
from bot.slack.unfurling import Unfurler
from bot.store.store import Store


def hearing_store(
    url: str, clock: Clock, owner: str, catalog: Callable[[], Catalog], *, own_time: bool
) -> Store:
    """Each of its commits tells the channels that subscribed to what happens in it."""
    return Store(
        url,
        clock,
        owner=owner,
        database_time=not own_time,
        hear=partial(hear, catalog),
        budget=lambda: catalog().channels.budget,
    )


def messenger(
    store: Store,
    outside: Outside,
    homes: Homes,
    catalog: Callable[[], Catalog],
    mint: Mint | None,
    permalink: Callable[[Posted], str],
    digests: DigestPoster,
    hush: Hush,
    unfurler: Unfurler,
) -> SlackMessenger:
    """It rings for those whom the catalog names."""
    circle = CatalogCircle(outside.directory, catalog)
    chat, channels = outside.chat, outside.channels
    queries, book = store.queries, store.links
    runs = RunCards(chat, store.runs, channels, book, catalog, hush)
    return SlackMessenger(
        chat, queries, homes, channels, book, mint, circle, permalink, digests, runs, hush, unfurler
    )


def unfurling(
    store: Store,
    outside: Outside,
    catalog: Callable[[], Catalog],
    permalink: Callable[[Posted], str],
    unfurls: Unfurls,
    web: str,
) -> Unfurler:
    """It shows what the record says of a run."""
    queries, directory, channels = store.queries, outside.directory, outside.channels
    return Unfurler(queries, queries, store.runs, directory, channels, unfurls, catalog, permalink, web)


def relay(
    store: Store,
    to: SlackMessenger,
    clock: Clock,
    wake: Wake,
    catalog: Callable[[], Catalog],
    hush: Hush,
) -> OutboxRelay:
    """A channel that is closed hears nothing any more, and operators hear of what is given up."""
    closed = partial(close_channel, store.units)
    return OutboxRelay(
        store.outbox,
        to,
        clock,
        wake,
        closed=closed,
        operators=lambda: catalog().channels.audit,
        quiet_until=hush.quiet_until,
    )
