"""Runs of anybody: each attempt is one record, in which nothing older replaces what is newer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.following import About, Artifact, RunChange, RunReading, RunRecord, Told
from bot.core.resync import Mark
from bot.core.runs import Run, RunStatus
from bot.core.steps import Step
from bot.core.values import DeploymentId
from bot.store.runs import KEYS_KEPT, RUNS_KEPT
from bot.store.store import Store
from tests.contract.store_support import NOON, T1, T2, HandClock, add, rows, run

ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 7, "Add refunds")
LEFT = (Artifact("report", 120),)
RUN = run()
ENDED = replace(RUN, status=RunStatus.SUCCESS, raw_status="completed/success", ended_at=NOON)


def reading(of: Run = RUN, about: About = ABOUT) -> RunReading:
    return RunReading(of, about, NOON)


async def keep(
    store: Store, what: RunReading, at: datetime = NOON, ended: Collection[DeploymentId] = (), team: str = T1
) -> bool:
    async with store.units.begin(team, Step.FOLLOW_RUN) as uow:
        await uow.runs.describe(what, at)
        return await uow.runs.keep(what, at, ended)


async def last(store: Store, of: Run = RUN, team: str = T1) -> RunRecord:
    found = await store.runs.attempts(team, of.ref)
    return found[-1]


async def test_it_is_kept_as_it_was_read(store: Store) -> None:
    assert await store.runs.attempts(T1, RUN.ref) == ()
    assert await keep(store, reading())
    record = await last(store)
    assert record == RunRecord(RUN, ABOUT, NOON, NOON)
    assert await store.runs.attempts(T2, RUN.ref) == ()
    assert await keep(store, reading(ENDED, replace(ABOUT, artifacts=LEFT)))
    record = await last(store)
    assert record.is_settled
    assert (record.run, record.about) == (ENDED, replace(ABOUT, artifacts=LEFT))


async def test_each_attempt_is_a_record_and_the_same_twice_is_one(store: Store) -> None:
    again = replace(RUN, attempt=2)
    for each in (RUN, again, RUN, again):
        await keep(store, reading(each))
    assert [each.run for each in await store.runs.attempts(T1, RUN.ref)] == [RUN, again]
    newest = await store.runs.newest_of(T1, "github", "acme/api", [RUN.ref.external_id, "78"])
    assert {id: each.run.attempt for id, each in newest.items()} == {"77": 2}


async def test_what_was_read_earlier_replaces_nothing(store: Store) -> None:
    waits = replace(RUN, status=RunStatus.WAITING)
    assert await keep(store, reading(waits), NOON + timedelta(seconds=2))
    assert not await keep(store, reading(), NOON + timedelta(seconds=1))
    assert (await last(store)).run == waits


async def test_an_attempt_that_has_ended_stays_so(store: Store) -> None:
    assert await keep(store, reading(ENDED))
    assert not await keep(store, reading(), NOON + timedelta(seconds=1)), "an old answer that came late"
    assert (await last(store)).run == ENDED
    asks = replace(ENDED, status=RunStatus.NEEDS_PERSON, ref=replace(RUN.ref, external_id="78"))
    going = replace(RUN, ref=asks.ref)
    assert await keep(store, reading(asks))
    assert await keep(store, reading(going), NOON + timedelta(seconds=1)), "a person let it go on"


async def test_a_run_of_a_deployment_is_described_and_otherwise_left_to_it(store: Store) -> None:
    deployment = await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        fresh = await uow.deployments.get(deployment.id)
        await uow.deployments.save(replace(fresh, run=RUN))
    record = await last(store)
    assert (record.deployment, record.about) == (deployment.id, None)
    later = NOON + timedelta(seconds=1)
    assert not await keep(store, reading(ENDED, replace(ABOUT, artifacts=LEFT)), later)
    record = await last(store)
    assert (record.run, record.about) == (RUN, replace(ABOUT, artifacts=LEFT))
    assert await keep(store, reading(ENDED), later, [deployment.id])
    record = await last(store)
    assert (record.run, record.deployment) == (ENDED, deployment.id)
    assert record.about == replace(ABOUT, artifacts=LEFT), "what was left is not forgotten"
    assert len(await rows(store, "SELECT id FROM runs")) == 1


async def test_one_that_was_followed_first_becomes_the_deployments(store: Store) -> None:
    await keep(store, reading())
    deployment = await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        fresh = await uow.deployments.get(deployment.id)
        await uow.deployments.save(replace(fresh, run=replace(RUN, status=RunStatus.QUEUED)))
    record = await last(store)
    assert (record.deployment, record.about) == (deployment.id, ABOUT)


async def test_it_is_missed_since_the_first_time_until_it_shows_up_again(
    store: Store, clock: HandClock
) -> None:
    await keep(store, reading())
    for seconds, gone in ((0, False), (60, False), (60, True)):
        clock.move(seconds)
        async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
            await uow.runs.miss(RUN.ref, 1, gone=gone)
    record = await last(store)
    assert (record.missing_since, record.vanished_at) == (NOON, NOON + timedelta(minutes=2))
    assert record.is_over
    await keep(store, reading(), NOON + timedelta(minutes=3))
    record = await last(store)
    assert (record.missing_since, record.vanished_at) == (None, None)


async def test_how_the_one_before_ended_is_of_the_same_workflow_and_branch(store: Store) -> None:
    def nth(number: int, status: RunStatus, attempt: int = 1, **about: str) -> RunReading:
        ref = replace(RUN.ref, external_id=str(number))
        of = replace(ENDED, ref=ref, status=status, attempt=attempt)
        return reading(of, replace(ABOUT, number=number, **about))  # type: ignore[arg-type]

    for each in (
        nth(1, RunStatus.FAILURE),
        nth(2, RunStatus.CANCELLED),
        nth(3, RunStatus.SUCCESS, branch="other"),
        nth(4, RunStatus.SUCCESS, path=".github/workflows/other.yml"),
        nth(9, RunStatus.RUNNING),
        nth(9, RunStatus.CANCELLED, branch="other"),
    ):
        await keep(store, each)

    async def before(what: RunReading, team: str = T1) -> RunStatus | None:
        async with store.units.begin(team, Step.READ) as uow:
            return await uow.runs.previous(RunRecord(what.run, what.about, None, NOON))

    assert await before(nth(5, RunStatus.SUCCESS)) is RunStatus.FAILURE
    assert await before(nth(1, RunStatus.SUCCESS)) is None
    assert await before(nth(1, RunStatus.SUCCESS, attempt=2)) is RunStatus.FAILURE
    assert await before(nth(10, RunStatus.SUCCESS)) is RunStatus.FAILURE
    assert await before(nth(5, RunStatus.SUCCESS), T2) is None


@pytest.mark.parametrize("later", [RunStatus.SUCCESS, RunStatus.FAILURE])
async def test_one_that_was_overtaken_has_none_before_it_but_its_own_attempts(
    store: Store, later: RunStatus
) -> None:
    """Else a branch works again twice, or while its newest run fails."""
    for number, status in ((1, RunStatus.FAILURE), (2, RunStatus.FAILURE), (3, later)):
        of = replace(ENDED, ref=replace(RUN.ref, external_id=str(number)), status=status)
        await keep(store, reading(of, replace(ABOUT, number=number)))
    slow = replace(ENDED, ref=replace(RUN.ref, external_id="2"), attempt=2)
    other = replace(ENDED, ref=replace(RUN.ref, external_id="99"))
    async with store.units.begin(T1, Step.READ) as uow:
        about = replace(ABOUT, number=2)
        assert await uow.runs.previous(RunRecord(slow, about, None, NOON)) is RunStatus.FAILURE
        assert await uow.runs.previous(RunRecord(other, about, None, NOON)) is None


async def test_what_changed_is_written_down_in_order(store: Store, clock: HandClock) -> None:
    await keep(store, reading())
    for change in (RunChange.STARTED, RunChange.FAILED):
        async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
            record = await uow.runs.last(RUN.ref, 1)
            assert record is not None
            await uow.runs.tell(record, (change,))
        clock.move(5)
    later = NOON + timedelta(seconds=5)
    assert (await last(store)).told == (Told(RunChange.STARTED, NOON), Told(RunChange.FAILED, later))


async def test_how_far_something_was_looked_through(store: Store) -> None:
    assert await store.runs.mark(T1, "listing/x") is None
    for mark in (Mark(NOON, NOON), Mark(NOON, NOON + timedelta(minutes=1), "e")):
        async with store.units.begin(T1, Step.SEEK_RUNS) as uow:
            await uow.marks.put("listing/x", mark)
        assert await store.runs.mark(T1, "listing/x") == mark
    assert await store.runs.mark(T2, "listing/x") is None
    assert await store.runs.mark(T1, "listing/y") is None


async def test_only_runs_of_long_ago_that_nobody_asked_for_are_forgotten(
    store: Store, clock: HandClock
) -> None:
    deployment = await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        fresh = await uow.deployments.get(deployment.id)
        await uow.deployments.save(replace(fresh, run=RUN))
    others = [replace(RUN, ref=replace(RUN.ref, external_id=each)) for each in ("78", "79")]
    await keep(store, reading(others[0]))
    clock.move(RUNS_KEPT.total_seconds() + 1)
    await keep(store, reading(others[1]), clock.now())
    assert await store.runs.purge() == 1
    assert [len(await store.runs.attempts(T1, each.ref)) for each in (RUN, *others)] == [1, 0, 1]


async def test_the_keys_of_logs_are_forgotten_once_nobody_wants_them(store: Store) -> None:
    for name in ("said", "wanted", "held"):
        for prefix in ("tail/", "run-tail/1/run/github/7/acme/"):
            await store.work.want(T1, f"{prefix}{name}")
    for lease in await store.work.claim(9):
        if not lease.key.endswith("held"):
            again = timedelta(minutes=1) if lease.key.endswith("wanted") else None
            await store.work.requeue(lease, again)
    await store.runs.purge()
    for table in ("work", "leases"):
        left = [row.key for row in await rows(store, f"SELECT key FROM {table}")]
        assert sorted(key.rpartition("/")[2] for key in left) == ["held", "held", "wanted", "wanted"]


async def test_the_keys_of_runs_that_ended_long_ago_are_forgotten_unless_somebody_wants_a_look(
    store: Store, clock: HandClock
) -> None:
    names = ("old", "wanted", "held", "new")
    for name in names:
        if name == "new":
            clock.move(KEYS_KEPT.total_seconds() + 1)
        ended = replace(ENDED, ref=replace(RUN.ref, external_id=name), ended_at=clock.now())
        await keep(store, reading(ended), clock.now())
        await store.work.want(T1, f"run/github/{name}/acme/api")
    await store.work.want(T1, "run/github/unknown/acme/api")
    for lease in await store.work.claim(9):
        if "/held/" not in lease.key:
            await store.work.requeue(lease, timedelta(days=9) if "/wanted/" in lease.key else None)
    await store.runs.purge()
    for table in ("work", "leases"):
        left = {row.key.split("/")[2] for row in await rows(store, f"SELECT key FROM {table}")}
        assert left == {"wanted", "held", "new", "unknown"}
    await store.work.want(T1, "run/github/old/acme/api")
    assert [lease.key for lease in await store.work.claim(9)] == ["run/github/old/acme/api"]
