"""What can't be read for a moment does not end a rollback that goes by itself: it has half an hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import Transient
from bot.core.gates.model import Known
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind, Origin, Sha
from bot.engine.facts import quarantines, taken_back
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.locks import FakeQuarantines
from tests.fakes.queues import StillClock
from tests.fakes.records import Gone
from tests.fakes.samples import ADA, NOON, actor, frozen, policy, wish
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
OTHER = Sha("e" * 40)
GUARDED = policy(migrations=("db/**",))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """Another release runs there and one is quarantined, and the code host is away."""
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        desk = Desk(store, clock, ())
        there = Arrival(DeploymentId("there"), 1, Kind.DEPLOY, State.FAILED, OTHER, NOON)
        kept = Quarantine("q", Scope("api", "staging"), OTHER, "main", actor(ADA), "it corrupts carts", NOON)
        desk.world = replace(desk.world, releases=Gone([there]), quarantines=FakeQuarantines([kept]))
        desk.forge.down = True
        yield desk


def back(origin: Origin) -> Deployment:
    return frozen(origin=origin, wish=wish(kind=Kind.ROLLBACK, inputs=()))


async def test_what_goes_by_itself_waits_until_it_can_be_read(desk: Desk) -> None:
    for gather in (taken_back.gather, quarantines.gather):
        with pytest.raises(Transient):
            await gather(desk.world, back(Origin.AUTOMATIC), GUARDED)


async def test_somebody_who_asked_is_told_what_can_not_be_read(desk: Desk) -> None:
    for gather in (taken_back.gather, quarantines.gather):
        found = await gather(desk.world, back(Origin.CHAT), GUARDED)
        assert isinstance(found, Known)
