"""What a run said of itself is read before its deployment ends, and never holds it up for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.lifecycle import State
from bot.core.ports import Provider
from bot.core.records import Deployment
from bot.core.runs import RunStatus
from bot.engine.reconciler import Reconciler
from bot.engine.reporting import PATIENCE, PAUSE
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.artifacts import FakeArtifacts
from tests.fakes.queues import Bell, StillClock
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
GOOD = b'{"version": "v1.2.0", "backup": {"id": "b-0214", "at": "2026-03-02T02:14:00Z"}}'
AWAY = Transient("The connection broke off.", system="fake")


class Reading(Desk):
    """A desk whose provider keeps what runs leave."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.artifacts = FakeArtifacts()
        forge = self.forge
        known = Provider(forge.code, forge.pins, forge.ci, forge.doors, artifacts=self.artifacts)
        self.world = replace(self.world, providers={"github": known})
        self.reconciler = Reconciler(self.world, Bell())

    async def fails(self) -> Deployment:
        running = await self.asks()
        assert running.run is not None
        self.forge.set_status(running.run.ref, RunStatus.FAILURE)
        return await self.looks(timedelta(seconds=3))


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Reading]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Reading(store, clock, ())


async def test_it_is_kept_with_the_deployment_and_in_the_trail(desk: Reading) -> None:
    desk.artifacts.always = GOOD
    ended = await desk.arrives()
    assert ended.state is State.SUCCEEDED
    assert ended.reported is not None
    assert ended.reported.report is not None
    assert ended.reported.report.backup is not None
    assert ended.reported.report.backup.id == "b-0214"
    assert await desk.trail("RunReported") == ["RunReported"]
    assert desk.artifacts.asked == 1


async def test_a_run_that_leaves_nothing_says_nothing(desk: Reading) -> None:
    ended = await desk.arrives()
    assert (ended.state, ended.reported) == (State.SUCCEEDED, None)
    assert await desk.trail("RunReported") == []


@pytest.mark.parametrize(
    "left",
    [
        b'{"version": 1}',
        UserError("The run left a slipway.json that can't be used: it has expired."),
        NeedsHuman("GitHub did not let us read it."),
    ],
    ids=["wrong", "unfit", "forbidden"],
)
async def test_what_is_wrong_with_it_is_said_and_fails_nothing(
    desk: Reading, left: bytes | UserError | NeedsHuman
) -> None:
    desk.artifacts.always = left
    ended = await desk.arrives()
    assert ended.state is State.SUCCEEDED
    assert ended.reported is not None
    assert ended.reported.report is None
    assert ended.reported.said
    assert desk.artifacts.asked == 1


async def test_while_it_can_not_be_read_the_deployment_waits_a_little(desk: Reading) -> None:
    desk.artifacts.always = AWAY
    waiting = await desk.arrives()
    assert waiting.state is State.RUNNING
    assert "can't be read at the moment" in waiting.note
    assert desk.delay == PAUSE
    version = waiting.version
    assert (await desk.looks(PAUSE)).version == version  # nothing new to write
    desk.artifacts.always = GOOD
    ended = await desk.looks(PAUSE)
    assert (ended.state, ended.note) == (State.SUCCEEDED, "")
    assert ended.reported is not None
    assert ended.reported.report is not None


async def test_and_then_goes_on_without_it(desk: Reading) -> None:
    desk.artifacts.always = AWAY
    assert (await desk.arrives()).state is State.RUNNING
    assert (await desk.looks(PATIENCE - timedelta(seconds=1))).state is State.RUNNING
    ended = await desk.looks(timedelta(seconds=1))
    assert ended.state is State.SUCCEEDED
    assert ended.reported is not None
    assert ended.reported.settled
    assert "nobody knows what its run says" in ended.reported.said


async def test_a_crash_after_the_reading_reads_it_again(desk: Reading) -> None:
    desk.artifacts.always = GOOD
    running = await desk.asks()
    assert running.run is not None
    desk.forge.set_status(running.run.ref, RunStatus.SUCCESS)
    await desk.artifacts.slipway_json(running.run.ref)  # by one who died before the commit
    ended = await desk.looks(timedelta(seconds=3))
    assert ended.reported is not None
    assert desk.artifacts.asked == 2


async def test_a_run_that_failed_may_have_made_a_backup_first(desk: Reading) -> None:
    desk.artifacts.always = GOOD
    ended = await desk.fails()
    assert ended.state is State.FAILED
    assert ended.reported is not None
    assert ended.reported.report is not None


async def test_but_it_is_not_waited_for(desk: Reading) -> None:
    desk.artifacts.always = AWAY
    ended = await desk.fails()
    assert ended.state is State.FAILED
    assert ended.reported is not None
    assert ended.reported.settled
