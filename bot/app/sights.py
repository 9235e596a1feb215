"""What `/state` looks at, put together."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.ports import Clock, Provider
from bot.core.standing_ports import Sights
from bot.engine.glancing import Glancing
from bot.store.store import Store


def sights_of(store: Store, providers: Mapping[str, Provider], clock: Clock) -> Sights:
    """The record, and a look outside that is remembered in it."""
    return Sights(store.standings, Glancing(providers, store.sightings, store.runs, clock.now))
