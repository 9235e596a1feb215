"""What a run of others wrote when it failed is said once, to those who heard that it did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.effects import TellRun
from bot.core.errors import Transient
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.subscriptions import made
from bot.core.tails import PAUSES
from bot.engine import run_tailing
from bot.engine.again import NEVER, Again
from bot.engine.reconciler import Reconciler
from bot.engine.tailing import DELAY
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.logs import FakeLogs
from tests.fakes.queues import Bell, StillClock, deliver_all
from tests.fakes.samples import ADA, TEAM, actor, catalog, policy, service
from tests.unit.engine.test_following import REF, Yard

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
AWAY = Transient("The connection broke off.", system="fake")


class Reading(Yard):
    """A yard whose provider keeps logs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.logs = FakeLogs()
        known = replace(self.world.providers["github"], logs=self.logs)
        self.world = replace(self.world, providers={"github": known})
        self.reconciler = Reconciler(self.world, Bell())

    async def listens(self, channel: str, *services: str) -> None:
        async with self.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            await uow.subscriptions.put(channel, f"#{channel}", made(services), actor(ADA))

    async def breaks(self, attempt: int = 1) -> None:
        self.reader.goes(RunStatus.FAILURE, attempt=attempt)
        await self.hears()

    async def said(self) -> list[TellRun]:
        """What the channels get, in its order."""
        return [each for each in await deliver_all(self.store.outbox) if isinstance(each, TellRun)]


@pytest.fixture
async def yard(database_url: str) -> AsyncIterator[Reading]:
    clock = StillClock()
    async with Store(database_url, clock, owner="us", database_time=False, card_pace=timedelta()) as store:
        await store.register_workspace(TEAM, "acme", "U0")
        yield Reading(store, clock)


async def test_every_channel_that_heard_of_it_hears_what_it_wrote(yard: Reading) -> None:
    await yard.listens("C1", "api")
    await yard.listens("C2")
    await yard.listens("C3", "web")
    await yard.breaks()
    assert yard.logs.asked == [], "nobody waits for a log"
    assert [(each.channel, each.tail) for each in await yard.said()] == [("C1", None), ("C2", None)]
    await yard.settle(DELAY)
    told = await yard.said()
    assert [each.channel for each in told] == ["C1", "C2"]
    for each in told:
        assert each.tail is not None
        assert each.tail.lines == ("GET /health answered 503", "Error: exit code 1")
    await yard.settle(timedelta(days=1))
    assert await yard.said() == []


async def test_a_channel_that_asks_in_between_hears_it_below_a_card_of_its_own(yard: Reading) -> None:
    await yard.listens("C1")
    await yard.breaks()
    assert len(await yard.said()) == 1
    await yard.listens("C2")
    await yard.settle(DELAY)
    assert [each.channel for each in await yard.said()] == ["C1", "C2"]


async def test_each_attempt_has_a_log_of_its_own(yard: Reading) -> None:
    await yard.listens("C1")
    await yard.breaks()
    await yard.breaks(attempt=2)
    await yard.settle(DELAY)
    assert sorted(attempt for _, attempt, _ in yard.logs.asked) == [1, 2]
    assert sorted(each.attempt for each in await yard.said() if each.tail is not None) == [1, 2]


async def test_where_nobody_hears_of_it_no_log_is_read(yard: Reading) -> None:
    await yard.listens("C3", "web")
    await yard.breaks()
    await yard.settle(DELAY)
    assert yard.logs.asked == []


async def test_the_catalog_may_say_that_no_log_is_shown(yard: Reading) -> None:
    await yard.listens("C1")
    known = catalog(service("api", Environment("staging", policy()), logs=False))
    yard.world = replace(yard.world, catalog=lambda: known)
    yard.reconciler = Reconciler(yard.world, Bell())
    await yard.breaks()
    await yard.settle(DELAY)
    assert [each.tail for each in await yard.said()] == [None]
    assert yard.logs.asked == []


async def test_it_is_tried_again_until_it_is_too_old(yard: Reading) -> None:
    await yard.listens("C1")
    yard.logs.refusals = [AWAY, AWAY]
    await yard.breaks()
    await yard.settle(DELAY)
    await yard.settle(PAUSES[0][1])
    assert [each.tail for each in await yard.said()] == [None]
    await yard.settle(PAUSES[-1][0])
    (told,) = await yard.said()
    assert told.tail is not None


async def test_whoever_died_after_the_commit_says_it_no_second_time(yard: Reading) -> None:
    await yard.listens("C1")
    await yard.breaks()
    yard.clock.time += DELAY
    (lease,) = await yard.world.queue.claim(9)
    assert await run_tailing.look(yard.world, lease) is NEVER  # and then nobody gave the key back
    yard.clock.time += timedelta(minutes=2)
    (again,) = await yard.world.queue.claim(9)
    assert again.key == lease.key
    assert await run_tailing.look(yard.world, again) is NEVER
    assert len([each for each in await yard.said() if each.tail is not None]) == 1


async def test_it_waits_for_a_place_beside_the_work_of_others(yard: Reading) -> None:
    await yard.listens("C1")
    await yard.breaks()
    while yard.world.aside.enter():
        pass
    yard.clock.time += DELAY
    (lease,) = await yard.world.queue.claim(9)
    assert isinstance(await run_tailing.look(yard.world, lease), Again)
    assert yard.logs.asked == []


async def test_a_run_that_is_not_on_record_wrote_nothing(yard: Reading) -> None:
    await yard.world.queue.want(TEAM, f"{run_tailing.PREFIX}1/run/{REF.provider}/9/{REF.repository}")
    await yard.settle()
    assert yard.logs.asked == []
