"""Whether a release that failed goes back by itself is decided when it fails, and what is said where not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.rules import HttpVerification
from bot.core.values import Kind
from bot.core.verify_ports import Answered
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.probe import FINE
from tests.fakes.queues import StillClock
from tests.fakes.samples import PIPELINE, TEAM, catalog, policy, service, wish
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
HEALTH = HttpVerification("https://api.example.com/health")
OFF = catalog(service("api", Environment("staging", policy(verify=(HEALTH,), pipeline=PIPELINE))))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """v1.0.0 runs, and was verified."""
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False) as store:
        made = Desk(store, clock, (HEALTH,), automatic=True)
        await made.arrives("v1.0.0")
        assert (await made.goes_on()).state is State.SUCCEEDED
        yield made


async def fails(desk: Desk) -> str:
    """It gets there and does not work; what the card says then."""
    desk.probe.readings = [FINE, Answered(503)]
    await desk.arrives()
    failed = await desk.goes_on()
    assert failed.state is State.FAILED
    return failed.next_step


async def goes_back(desk: Desk) -> bool:
    made = await desk.store.queries.deployment(TEAM, 3)
    return made is not None and made.wish.kind is Kind.ROLLBACK


async def test_it_goes_back(desk: Desk) -> None:
    assert "by itself in 30s: #3." in await fails(desk)
    assert await goes_back(desk)


@pytest.mark.parametrize("known", [OFF, Catalog()], ids=["switched off", "gone"])
async def test_whoever_switched_it_off_meanwhile_can_rely_on_that(desk: Desk, known: Catalog) -> None:
    desk.probe.readings = [FINE, Answered(503)]
    await desk.arrives()
    desk.world = replace(desk.world, catalog=lambda: known)
    desk.speaks_through(desk.ci)
    failed = await desk.goes_on()
    assert failed.next_step.startswith("It does not go back by itself: the catalog no longer says so.")
    assert not await goes_back(desk)


async def test_that_somebody_goes_back_already_is_said_with_the_number(desk: Desk) -> None:
    desk.probe.readings = [FINE, Answered(503)]
    await desk.arrives()
    await desk.says(AskDeployment(wish(kind=Kind.ROLLBACK, inputs=(), ref="v1.0.0"), None, "#api-deploys"))
    failed = await desk.goes_on()
    assert failed.next_step.startswith("It does not go back by itself: #3 goes back already.")
