"""What a look needs, over a real store and a code host in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.core.catalog import Catalog
from bot.core.ports import Clock, Directory, Provider
from bot.engine.world import World
from bot.store.store import Store
from tests.fakes.alarms import FakeAlarms
from tests.fakes.chat import FakeChannels, FakeDirectory
from tests.fakes.forge import FakeForge
from tests.fakes.metrics import FakeMetrics
from tests.fakes.probe import FakeProbe


def world_of(
    store: Store,
    forge: FakeForge,
    clock: Clock,
    catalog: Callable[[], Catalog],
    directory: Directory | None = None,
    **others: Any,
) -> World:
    """The parts that are not named are the store's and the forge's own."""
    parts: dict[str, Any] = {
        "units": store.units,
        "queue": store.work,
        "queries": store.queries,
        "releases": store.releases,
        "locks": store.locks,
        "quarantines": store.quarantines,
        "courses": store.courses,
        "frozen": store.frozen,
        "shelf": store.shelf,
        "watch": store.queries,
        "book": store.links,
        "clock": clock,
        "catalog": catalog,
        "providers": {"github": Provider(forge.code, forge.pins, forge.ci, forge.doors)},
        "directory": directory or FakeDirectory(),
        "channels": FakeChannels(),
        "alarms": FakeAlarms(),
        "probe": FakeProbe(),
        "metrics": FakeMetrics(),
        "runs": store.runs,
        "heard": store.heard,
    }
    return World(**(parts | others))
