"""What a failed run wrote is said once, after the failure, and nothing ever waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.effects import Announce, Announcement
from bot.core.errors import NeedsHuman, SlipwayError, Transient, UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.ports import Provider
from bot.core.records import Deployment, Lease
from bot.core.runs import RunStatus
from bot.core.tails import PAUSES
from bot.engine import tailing
from bot.engine.again import NEVER, Again
from bot.engine.aside import MOST
from bot.engine.reconciler import Reconciler
from bot.engine.tailing import DELAY, LULL, PREFIX, read_tail
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.logs import FAILED_JOB, FakeLogs
from tests.fakes.queues import Bell, StillClock, deliver_all
from tests.fakes.samples import NOON, catalog, policy, service, wish
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
AWAY = Transient("The connection broke off.", system="fake")
GONE = UserError("The log of the failed job is gone.")
JUNIT = b'<testsuite><testcase name="x"><failure message="password=hunter2"/></testcase></testsuite>'


class Reading(Desk):
    """A desk whose provider keeps logs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.logs = FakeLogs()
        forge = self.forge
        known = Provider(forge.code, forge.pins, forge.ci, forge.doors, logs=self.logs)
        self.world = replace(self.world, providers={"github": known})
        self.reconciler = Reconciler(self.world, Bell())

    async def fails(self, status: RunStatus = RunStatus.FAILURE) -> Deployment:
        running = await self.asks()
        assert running.run is not None
        self.forge.set_status(running.run.ref, status)
        return await self.looks(timedelta(seconds=3))

    async def tail_is_due(self, after: timedelta = DELAY) -> Lease | None:
        """The key under which the log is looked for, if anybody wants that."""
        self.clock.time += after
        found = [each for each in await self.world.queue.claim(9) if each.key.startswith(PREFIX)]
        return found[0] if found else None

    async def reads(self, after: timedelta = DELAY) -> Again:
        """Look at it when it is due."""
        lease = await self.tail_is_due(after)
        assert lease is not None
        return await self.look(lease)

    async def look(self, lease: Lease) -> Again:
        again = await tailing.look(self.world, lease)
        await self.world.queue.requeue(lease, again.delay)
        return again

    async def said(self) -> list[Announce]:
        """What is said of it, in the order in which it reaches people."""
        return [each for each in await deliver_all(self.store.outbox) if isinstance(each, Announce)]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Reading]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Reading(store, clock, ())


async def test_it_is_said_once_and_after_the_failure(desk: Reading) -> None:
    desk.logs.files = (JUNIT,)
    failed = await desk.fails()
    assert failed.state is State.FAILED
    assert desk.logs.asked == [], "the failure waits for no log"
    assert await desk.reads() is NEVER
    first, second = await desk.said()
    assert first.what is Announcement.FAILED
    assert second.what is Announcement.LOGGED
    assert second.tail is not None
    assert second.tail.lines == ("GET /health answered 503", "Error: exit code 1")
    assert second.tail.tests is not None
    assert second.tail.tests.failures[0].said == "password=[redacted]"


async def test_whoever_died_after_the_commit_says_it_no_second_time(desk: Reading) -> None:
    await desk.fails()
    lease = await desk.tail_is_due()
    assert lease is not None
    await tailing.look(desk.world, lease)  # and then nobody gave the key back
    desk.clock.time += timedelta(minutes=2)
    (again,) = [each for each in await desk.world.queue.claim(9) if each.key == lease.key]
    assert await tailing.look(desk.world, again) is NEVER
    assert [each.what for each in await desk.said()] == [Announcement.FAILED, Announcement.LOGGED]


@pytest.mark.parametrize("ending", [RunStatus.CANCELLED, RunStatus.SUCCESS])
async def test_only_a_run_that_failed_wrote_why(desk: Reading, ending: RunStatus) -> None:
    await desk.fails(ending)
    assert await desk.tail_is_due() is None


@pytest.mark.parametrize("nothing", [None, GONE, NeedsHuman("It was not fetched.")])
async def test_where_there_is_nothing_to_say_nothing_is_said(
    desk: Reading, nothing: SlipwayError | None
) -> None:
    desk.logs.job = nothing
    await desk.fails()
    assert await desk.reads() is NEVER
    assert [each.what for each in await desk.said()] == [Announcement.FAILED]


@pytest.mark.parametrize("broken", [GONE, NeedsHuman("It was not fetched.")])
async def test_results_that_can_not_be_read_hide_no_log(desk: Reading, broken: SlipwayError) -> None:
    desk.logs.files = broken
    await desk.fails()
    assert await desk.reads() is NEVER
    assert [each.what for each in await desk.said()] == [Announcement.FAILED, Announcement.LOGGED]


async def test_it_is_tried_again_a_few_times_and_then_let_go(desk: Reading) -> None:
    desk.logs.job = AWAY
    await desk.fails()
    again, tries = await desk.reads(), 1
    while again.delay is not None:
        again, tries = await desk.reads(again.delay), tries + 1
    assert tries < 12
    assert timedelta(minutes=9) < desk.clock.time - NOON < PAUSES[-1][0] + PAUSES[-1][1]
    assert [each.what for each in await desk.said()] == [Announcement.FAILED]


async def test_the_last_try_says_what_there_is(desk: Reading) -> None:
    desk.logs.files = AWAY
    await desk.fails()
    assert (await desk.reads()).delay is not None
    assert await desk.reads(PAUSES[-1][0]) is NEVER
    assert [each.what for each in await desk.said()] == [Announcement.FAILED, Announcement.LOGGED]


async def test_what_answers_again_is_said(desk: Reading) -> None:
    desk.logs.refusals = [AWAY, AWAY]
    await desk.fails()
    again = await desk.reads()
    while again.delay is not None:
        again = await desk.reads(again.delay)
    assert [each.what for each in await desk.said()] == [Announcement.FAILED, Announcement.LOGGED]


async def test_a_release_on_its_way_out_goes_first(desk: Reading) -> None:
    """Whoever goes back there asks GitHub before anybody reads a log."""
    await desk.fails()
    lease = await desk.tail_is_due()
    assert lease is not None
    await desk.says(AskDeployment(wish(inputs=()), None, "#api-deploys"))
    assert await desk.look(lease) == Again(LULL)
    assert desk.logs.asked == []
    late = await desk.tail_is_due(PAUSES[-1][0])
    assert late is not None
    assert await desk.look(late) is NEVER
    assert len(desk.logs.asked) == 1


async def test_only_a_few_are_read_at_once(desk: Reading) -> None:
    await desk.fails()
    places = [desk.world.aside.enter() for _ in range(MOST)]
    assert all(places)
    assert await desk.reads() == Again(LULL)
    desk.world.aside.leave()
    assert await desk.reads(LULL) is NEVER
    assert desk.world.aside.taken == MOST - 1


async def test_the_catalog_may_say_that_no_log_is_shown(desk: Reading) -> None:
    await desk.fails()
    known = catalog(service("api", Environment("staging", policy(), logs=False)))
    desk.world = replace(desk.world, catalog=lambda: known)
    assert await desk.reads() is NEVER
    assert desk.logs.asked == []
    assert [each.what for each in await desk.said()] == [Announcement.FAILED]


async def test_anybody_may_ask_for_the_job_of_any_run(desk: Reading) -> None:
    failed = await desk.fails()
    assert failed.run is not None
    found = await read_tail(desk.world, failed.run, "deploy")
    assert found is not None
    assert (found.job, found.step) == (FAILED_JOB.name, FAILED_JOB.step)
    assert desk.logs.asked == [(failed.run.ref, failed.run.attempt, "deploy")]
    forge = desk.forge
    bare = {"github": Provider(forge.code, forge.pins, forge.ci, forge.doors)}
    assert await read_tail(replace(desk.world, providers=bare), failed.run) is None
