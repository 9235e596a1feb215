"""Runs of anybody are followed over a real database, whatever comes between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.effects import Effect, Posted, ShowRun, TellRun
from bot.core.errors import NeedsHuman, Transient
from bot.core.following import About, Listed, RunChange, RunReading, RunRecord
from bot.core.following_ports import Listing
from bot.core.gate_runs import GateWord
from bot.core.ports import Provider
from bot.core.resync import LEAST, MOST
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.steps import Step
from bot.core.subscriptions import made
from bot.core.values import Sha
from bot.engine import following, seeking
from bot.engine.reconciler import Reconciler
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import ADA, TEAM, actor, catalog, policy, service
from tests.unit.engine.door import Door

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 1, "Add refunds")
REF = RunRef("github", "acme/api", "7")


@dataclass
class Reader:
    """The port RunReader: attempts and rows as a test wrote them, and which calls came."""

    clock: StillClock
    attempts: dict[str, list[RunReading]] = field(default_factory=dict)
    rows: list[Listed] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    reads: list[tuple[str, frozenset[int]]] = field(default_factory=list)
    listings: list[tuple[datetime, str]] = field(default_factory=list)

    async def read(self, ref: RunRef, settled: Collection[int]) -> tuple[RunReading, ...] | None:
        self.reads.append((ref.external_id, frozenset(settled)))
        if self.fails:
            raise self.fails.pop()
        found = self.attempts.get(ref.external_id)
        return None if found is None else tuple(each for each in found if each.run.attempt not in settled)

    async def newest(self, repository: str, since: datetime, etag: str) -> Listing | None:  # noqa: ARG002
        self.listings.append((since, etag))
        if self.fails:
            raise self.fails.pop()
        return Listing(tuple(self.rows), "e", complete=True)

    def goes(self, status: RunStatus, number: int = 7, attempt: int = 1, **more: object) -> None:
        """The run stands so now; its earlier attempts are as they were."""
        over = status in (RunStatus.SUCCESS, RunStatus.FAILURE)
        ref, now = replace(REF, external_id=str(number)), self.clock.time
        run = Run(ref, attempt, status, Sha("a" * 40), "", "CI", status.value, (), now, now if over else None)
        about = replace(ABOUT, number=number, artifacts=() if over else None)
        told = self.attempts.setdefault(str(number), [])
        told[attempt - 1 :] = [RunReading(replace(run, **more), about, now)]  # type: ignore[arg-type]


class Yard(Door):
    """The same house, with a record of runs at the provider."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reader = Reader(self.clock)
        forge = self.forge
        provider = Provider(forge.code, forge.pins, forge.ci, forge.doors, runs=self.reader)
        self.world = replace(self.world, providers={"github": provider})
        self.reconciler = Reconciler(self.world, Bell())

    async def hears(self, ref: RunRef = REF) -> None:
        await self.world.queue.want(TEAM, following.key(ref))
        await self.settle()

    async def lists(self) -> None:
        await self.world.queue.want(TEAM, seeking.key("github", "acme/api"))
        await self.settle()

    async def records(self, ref: RunRef = REF) -> tuple[RunRecord, ...]:
        return await self.store.runs.attempts(TEAM, ref)

    async def told(self, ref: RunRef = REF) -> list[RunChange]:
        return [each.change for record in await self.records(ref) for each in record.told]


@pytest.fixture
async def yard(database_url: str) -> AsyncIterator[Yard]:
    clock = StillClock()
    async with Store(database_url, clock, owner="us", database_time=False) as store:
        await store.register_workspace(TEAM, "acme", "U0")
        yield Yard(store, clock)


async def test_it_is_looked_at_again_until_it_has_ended(yard: Yard) -> None:
    yard.reader.goes(RunStatus.QUEUED)
    await yard.hears()
    await yard.settle(timedelta(seconds=59))
    assert len(yard.reader.reads) == 1
    yard.reader.goes(RunStatus.SUCCESS)
    await yard.settle(timedelta(seconds=1))
    await yard.settle(timedelta(days=1))
    assert len(yard.reader.reads) == 2
    (record,) = await yard.records()
    assert record.is_settled
    assert await yard.told() == [RunChange.STARTED, RunChange.SUCCEEDED]


async def test_hints_after_its_end_change_nothing(yard: Yard) -> None:
    yard.reader.goes(RunStatus.FAILURE)
    for _ in range(3):
        await yard.hears()
    assert await yard.told() == [RunChange.FAILED]
    assert yard.reader.reads[1:] == [("7", frozenset({1}))] * 2


async def test_an_attempt_that_nobody_told_of_is_read_with_the_next(yard: Yard) -> None:
    yard.reader.goes(RunStatus.FAILURE)
    yard.reader.goes(RunStatus.SUCCESS, attempt=2)
    yard.reader.goes(RunStatus.RUNNING, attempt=3)
    await yard.hears()
    assert [each.run.status for each in await yard.records()] == [
        RunStatus.FAILURE,
        RunStatus.SUCCESS,
        RunStatus.RUNNING,
    ]
    expected = [RunChange.FAILED, RunChange.SUCCEEDED, RunChange.RECOVERED, RunChange.STARTED]
    assert await yard.told() == expected


async def test_what_does_not_answer_is_asked_again_and_what_is_refused_is_not(yard: Yard) -> None:
    yard.reader.goes(RunStatus.SUCCESS)
    yard.reader.fails = [Transient("it is down.")]
    await yard.hears()
    assert await yard.records() == ()
    await yard.settle(following.BUSY)
    assert len(await yard.records()) == 1
    yard.reader.goes(RunStatus.SUCCESS, number=8)
    yard.reader.fails = [NeedsHuman("We may not.")]
    await yard.hears(replace(REF, external_id="8"))
    await yard.settle(timedelta(days=1))
    assert [each for each, _ in yard.reader.reads].count("8") == 1


async def test_a_run_that_is_gone_has_vanished_after_a_while(yard: Yard) -> None:
    yard.reader.goes(RunStatus.RUNNING)
    await yard.hears()
    gone = yard.reader.attempts.pop("7")
    await yard.hears()
    assert await yard.told() == [RunChange.STARTED], "it may only lag"
    yard.reader.attempts["7"] = gone
    await yard.hears()
    assert [each.missing_since for each in await yard.records()] == [None]
    del yard.reader.attempts["7"]
    await yard.hears()
    for _ in range(3):
        await yard.settle(timedelta(minutes=1))
    assert await yard.told() == [RunChange.STARTED, RunChange.VANISHED]
    reads = len(yard.reader.reads)
    await yard.settle(timedelta(days=1))
    assert len(yard.reader.reads) == reads


async def test_one_that_vanished_and_is_there_again_is_told_to_its_end(yard: Yard) -> None:
    yard.reader.goes(RunStatus.RUNNING)
    await yard.hears()
    gone = yard.reader.attempts.pop("7")
    await yard.hears()
    for _ in range(3):
        await yard.settle(timedelta(minutes=1))
    assert await yard.told() == [RunChange.STARTED, RunChange.VANISHED]
    yard.reader.attempts["7"] = gone
    yard.reader.goes(RunStatus.FAILURE)
    await yard.hears()
    assert await yard.told() == [RunChange.STARTED, RunChange.VANISHED, RunChange.FAILED]


async def test_a_run_that_nobody_knows_leaves_no_trace(yard: Yard) -> None:
    await yard.hears()
    assert await yard.records() == ()
    await yard.hears(replace(REF, repository="acme/other"))
    assert yard.reader.reads == [("7", frozenset())]


async def test_capitals_make_no_second_record(yard: Yard) -> None:
    yard.reader.goes(RunStatus.SUCCESS)
    await yard.hears(replace(REF, repository="Acme/API"))
    assert len(await yard.records()) == 1


async def test_while_a_card_decides_by_its_run_only_the_card_writes_how_it_goes(yard: Yard) -> None:
    ref = await yard.run()
    await yard.knock(ref)
    (before,) = await yard.records(ref)
    yard.reader.goes(RunStatus.FAILURE, number=int(ref.external_id), head_sha=Sha("b" * 40))
    await yard.hears(ref)
    (record,) = await yard.records(ref)
    assert record.about is not None
    assert record.run == before.run, "what the card saw last is what it compares with"
    reads = len(yard.reader.reads)
    await yard.settle(following.SOON)
    assert len(yard.reader.reads) == reads, "no call is spent on it twice"
    assert await yard.told(ref) == []


async def test_once_the_card_has_ended_its_run_is_followed_like_any_other(yard: Yard) -> None:
    ref = await yard.run()
    await yard.knock(ref)
    await yard.world.providers["github"].ci.answer(ref, "staging", GateWord.REJECTED, "no")
    yard.reader.goes(RunStatus.FAILURE, number=int(ref.external_id))
    await yard.hears(ref)
    await yard.settle(timedelta(minutes=1))
    await yard.settle(timedelta(minutes=1))
    (record,) = await yard.records(ref)
    assert record.run.status is RunStatus.FAILURE


async def test_the_listing_finds_what_no_webhook_told_of(yard: Yard) -> None:
    yard.reader.goes(RunStatus.FAILURE)
    yard.reader.rows = [Listed("7", 1, "completed/startup_failure", over=True, changed_at=yard.clock.time)]
    await yard.lists()
    assert await yard.told() == [RunChange.FAILED]
    await yard.settle(LEAST)
    assert len(yard.reader.listings) == 2
    assert len(yard.reader.reads) == 1, "nothing is new of it"
    assert yard.reader.listings[1][1] == "e"


async def test_one_repository_is_listed_once_in_its_time_however_often_that_is_wanted(yard: Yard) -> None:
    for _ in range(3):
        await yard.lists()
    assert len(yard.reader.listings) == 1


async def test_after_a_while_away_it_begins_where_it_stopped(yard: Yard) -> None:
    began = yard.clock.time
    await yard.lists()
    yard.clock.time += timedelta(hours=5)
    await yard.lists()
    assert began - timedelta(minutes=5) < yard.reader.listings[1][0] <= began
    yard.clock.time += timedelta(days=5)
    await yard.lists()
    assert yard.reader.listings[2][0] == yard.clock.time - timedelta(hours=24)


async def test_a_first_listing_that_fails_leaves_no_gap(yard: Yard) -> None:
    yard.reader.fails = [Transient("it is down.")] * 3
    await yard.lists()
    began = yard.reader.listings[0][0]
    for _ in range(4):
        await yard.settle(timedelta(minutes=3))
    assert len(yard.reader.listings) > 3
    assert yard.reader.listings[3][0] == began


async def test_more_than_it_may_ask_for_waits_for_the_next_listing(yard: Yard) -> None:
    many = range(1, MOST + 31)
    yard.reader.rows = [
        Listed(str(each), 1, "success", over=True, changed_at=yard.clock.time) for each in reversed(many)
    ]
    for each in many:
        yard.reader.goes(RunStatus.SUCCESS, number=each)
    await yard.lists()
    for _ in range(20):
        await yard.settle()
    assert {int(each) for each, _ in yard.reader.reads} == set(range(1, MOST + 1)), "the oldest first"
    await yard.settle(LEAST)
    for _ in range(20):
        await yard.settle()
    assert sorted({int(each) for each, _ in yard.reader.reads}) == list(many)
    assert yard.reader.listings[1] == (yard.reader.listings[0][0], ""), "from the same place on"


async def test_a_listing_that_fails_comes_again(yard: Yard, caplog: pytest.LogCaptureFixture) -> None:
    yard.reader.fails = [Transient("it is down.")]
    await yard.lists()
    await yard.settle(LEAST)
    assert len(yard.reader.listings) == 2
    yard.reader.fails = [NeedsHuman("We may not.")]
    await yard.settle(LEAST)
    await yard.settle(seeking.REFUSED)
    assert "can't be listed" in caplog.text
    assert len(yard.reader.listings) == 4


async def test_a_repository_that_left_the_catalog_is_not_listed_any_more(yard: Yard) -> None:
    await yard.lists()
    elsewhere = service("api", Environment("staging", policy()), channel="#api-deploys")
    name = replace(elsewhere.repository, full_name="acme/moved")
    yard.catalog = catalog(replace(elsewhere, repository=name))
    await yard.settle(timedelta(hours=1))
    assert len(yard.reader.listings) == 1
    assert seeking.repositories(yard.world) == (("github", "acme/moved"),)


async def test_from_the_start_on_every_repository_is_wanted(yard: Yard) -> None:
    assert await seeking.seek(yard.world)
    (lease,) = await yard.world.queue.claim(5)
    assert lease.key == seeking.key("github", "acme/api")


async def test_a_card_that_stands_follows_all_that_can_be_seen_and_nothing_else(yard: Yard) -> None:
    """Channels hear of the failure alone, and see each attempt."""
    async with yard.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await uow.subscriptions.put("C1", "", made(["api"]), actor(ADA))
    stages = (Stage("build", RunStatus.RUNNING),)
    steps: list[tuple[RunStatus, int, dict[str, Any], list[str]]] = [
        (RunStatus.RUNNING, 1, {}, []),
        (RunStatus.FAILURE, 1, {}, ["ShowRun", "TellRun"]),
        (RunStatus.RUNNING, 2, {}, ["ShowRun"]),
        (RunStatus.RUNNING, 2, {}, []),
        (RunStatus.RUNNING, 2, {"stages": stages}, ["ShowRun"]),
        (RunStatus.SUCCESS, 2, {}, ["ShowRun", "TellRun"]),
        (RunStatus.SUCCESS, 2, {}, []),
    ]
    for status, attempt, more, told in steps:
        yard.clock.time += timedelta(seconds=30)
        yard.reader.goes(status, attempt=attempt, started_at=None, **more)
        await yard.hears()
        assert [type(each).__name__ for each in await said(yard)] == told, (status, attempt)


async def test_cards_that_stand_follow_a_run_that_a_deployment_took_over(yard: Yard) -> None:
    ref = await yard.run()
    yard.reader.goes(RunStatus.FAILURE, number=int(ref.external_id))
    async with yard.store.units.begin(TEAM, Step.FOLLOW_RUN) as uow:
        await uow.show(ShowRun(ref, "C1"))
    await said(yard)
    await yard.knock(ref)
    await yard.world.providers["github"].ci.answer(ref, "staging", GateWord.REJECTED, "no")
    await yard.hears(ref)
    await yard.settle(timedelta(minutes=1))
    await yard.settle(timedelta(minutes=1))
    assert ShowRun(ref, "C1") in await said(yard)


async def said(yard: Yard) -> list[Effect]:
    """What would be shown by now of runs; it stands then."""
    found: list[Effect] = []
    while parcels := await yard.store.outbox.claim(50):
        for parcel in parcels:
            await yard.store.outbox.delivered(parcel, Posted("C1", "1"))
        found += [each.effect for each in parcels if isinstance(each.effect, ShowRun | TellRun)]
    return found
