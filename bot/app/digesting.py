"""Puts together what posts digests."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.chat_ports import Chat, Pictures
from bot.core.effects import Posted
from bot.engine.digesting import DigestRound
from bot.engine.world import World
from bot.slack.digests import DigestPoster
from bot.store.store import Store


def digesting(
    store: Store, chat: Chat, pictures: Pictures, world: World, permalink: Callable[[Posted], str]
) -> tuple[DigestRound, DigestPoster]:
    """Who finds what is due, and who carries it to the chat."""
    reads = (store.queries, store.happenings, world.channels, world.catalog)
    found = DigestRound(world.units, world.watch, store.digests, *reads)
    return found, DigestPoster(chat, *reads, permalink, found.close, pictures, world.clock.sleep)
