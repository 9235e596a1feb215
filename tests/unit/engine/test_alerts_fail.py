"""An alert that counts fails a deployment that is verified, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.alerts import Pinned
from bot.core.lifecycle import State
from bot.core.rules import HttpVerification
from bot.core.steps import Step
from bot.core.verify_ports import Silent
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.probe import FakeProbe
from tests.fakes.queues import StillClock
from tests.fakes.samples import NOON, TEAM, pinned
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
HEALTH = HttpVerification("https://api.example.com/health", passes=30, within=timedelta(minutes=10))
WHY = "HighErrorRate fires: 6.9% of the requests to backend fail, 5 % are allowed (value 0.0694)."


async def pins(desk: Desk, *alerts: Pinned) -> None:
    async with desk.world.units.begin(TEAM, Step.PIN_ALERTS) as uow:
        fresh = await uow.deployments.get((await desk.now()).id)
        await uow.deployments.save(replace(fresh, alerts=alerts))


@pytest.mark.parametrize(
    ("alert", "state"),
    [
        (pinned(fails=True), State.FAILED),
        (pinned(fails=False), State.VERIFYING),
        (pinned(fails=True, resolved_at=NOON), State.VERIFYING),
    ],
    ids=["counts", "does not count", "is over"],
)
async def test_while_it_is_verified(database_url: str, alert: Pinned, state: State) -> None:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        desk = Desk(store, clock, (HEALTH,))
        assert (await desk.arrives()).state is State.VERIFYING
        await pins(desk, alert)
        found = await desk.looks()
        assert found.state is state
        assert found.note == (WHY if state is State.FAILED else "")
        assert ("roll back, or mend it" in found.next_step) is (state is State.FAILED)


async def test_a_question_that_stands_is_answered_by_it(database_url: str) -> None:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        wrong_before = FakeProbe([Silent("can't be reached")] * 500)
        desk = Desk(store, clock, (HEALTH,), probe=wrong_before)
        await desk.arrives()
        asked = await desk.goes_on()
        assert (asked.state, desk.delay) == (State.VERIFYING, None)
        await pins(desk, pinned(fails=True))
        found = await desk.looks()
        assert found.state is State.FAILED
        assert found.note == WHY
