"""What is kept of digests, and what is read for them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlalchemy import insert

from bot.core.catalog import Every, Weekday
from bot.core.digest_ports import AskedDigest
from bot.core.failures import Failure, FailureSource
from bot.core.lifecycle import State, Trigger
from bot.core.records import Deployment
from bot.core.schedules import Schedule, Window
from bot.core.steps import Step
from bot.core.values import Kind
from bot.store.happenings import ended_query, within
from bot.store.store import Store
from bot.store.tables import deployments
from tests.contract.store_support import (
    ADA,
    NOON,
    SHA_A,
    T1,
    T2,
    TO_RUNNING,
    TO_SUCCEEDED,
    HandClock,
    follow,
    new,
    request,
    resolution,
    rows,
    tamper,
)
from tests.contract.test_store_archive import explained

DAILY = Schedule(Every.DAY, time(9), "Europe/London")
WEEKLY = Schedule(Every.WEEK, time(10, 30), "Asia/Kolkata", Weekday.FRIDAY)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = Window(NOON, NOON + DAY)


async def put(store: Store, schedule: Schedule, channel: str = "C1", workspace: str = T1) -> None:
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        await uow.digests.put(channel, schedule, ("api",), ADA)


async def test_a_channel_has_one_digest_of_each_kind(store: Store, clock: HandClock) -> None:
    await put(store, DAILY)
    await put(store, WEEKLY)
    await put(store, DAILY, "C2")
    await put(store, DAILY, workspace=T2)
    clock.move(60)
    later = replace(DAILY, at=time(17, 15))
    await put(store, later)
    first, second, third = await store.digests.asked(T1)
    assert first == AskedDigest("C1", later, ("api",), ADA, NOON + timedelta(minutes=1))
    assert second == AskedDigest("C1", WEEKLY, ("api",), ADA, NOON)
    assert (third.channel, third.job) == ("C2", "digest/C2/day")


async def test_one_kind_or_all_of_a_channel_are_stopped(store: Store) -> None:
    for channel in ("C1", "C2"):
        await put(store, DAILY, channel)
        await put(store, WEEKLY, channel)
    await put(store, DAILY, workspace=T2)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        assert [each.schedule for each in await uow.digests.stop("C1", Every.WEEK)] == [WEEKLY]
        assert await uow.digests.stop("C1", Every.WEEK) == ()
        assert [each.schedule for each in await uow.digests.stop("C2")] == [DAILY, WEEKLY]
    assert [each.channel for each in await store.digests.asked(T1)] == ["C1"]
    assert len(await store.digests.asked(T2)) == 1


async def test_a_job_is_put_off_until_then(store: Store, clock: HandClock) -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        assert await uow.digests.snoozed("digest/C1/day") is None
        await uow.digests.snooze("digest/C1/day", NOON + DAY)
        await uow.digests.snooze("digest/C1/day", NOON + 2 * DAY)
        assert await uow.digests.snoozed("digest/C1/day") == NOON + 2 * DAY
    assert await store.digests.snoozes(T1) == {"digest/C1/day": NOON + 2 * DAY}
    assert await store.digests.snoozes(T2) == {}
    assert await store.digests.purge() == 0
    clock.move((2 * DAY).total_seconds())
    assert await store.digests.purge() == 1


async def ended(
    store: Store,
    clock: HandClock,
    at: datetime,
    *triggers: Trigger,
    workspace: str = T1,
    release: bool = True,
    kind: Kind = Kind.DEPLOY,
) -> Deployment:
    """One that ends at this moment."""
    clock.move((at - clock.now()).total_seconds())
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        wanted = new()
        asked = await uow.deployments.add(replace(wanted, wish=replace(wanted.wish, kind=kind)))
        if release:
            frozen = replace(asked, resolution=resolution(), request=request(asked), digest="d" * 64)
            asked = await uow.deployments.save(frozen)
        return await follow(uow, asked, *(triggers or TO_SUCCEEDED))


async def told(store: Store, window: Window = TODAY, *services: str) -> list[int]:
    story = await store.happenings.story(T1, window, services or ("api",))
    return [each.number for each in story.deployments]


async def test_a_window_has_its_start_and_not_its_end(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON)
    await ended(store, clock, NOON + DAY - timedelta(microseconds=1))
    await ended(store, clock, NOON + DAY)
    assert await told(store) == [1, 2]
    assert await told(store, Window(NOON + DAY, NOON + 2 * DAY)) == [3]
    assert await told(store, TODAY, "web") == []
    assert (await store.happenings.story(T1, TODAY, ())).deployments == ()


async def test_another_workspace_is_not_told_of(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON, workspace=T2)
    assert await told(store) == []


async def test_only_what_touched_something_is_told(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON, Trigger.WITHDRAW)
    await ended(store, clock, NOON + HOUR, *TO_RUNNING, Trigger.RUN_FAILED)
    await ended(store, clock, NOON + HOUR, *TO_RUNNING)
    story = await store.happenings.story(T1, TODAY, ["api"])
    (failed,) = story.deployments
    assert (failed.number, failed.state, failed.broke_off, failed.arrived) == (2, State.FAILED, True, False)


async def test_a_restored_database_is_no_deploy(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON, kind=Kind.RESTORE)
    await ended(store, clock, NOON + HOUR, *TO_RUNNING, Trigger.RUN_FAILED, kind=Kind.RESTORE)
    assert await told(store) == []


async def test_a_release_that_had_been_there_is_there_again(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON, *TO_RUNNING, Trigger.RUN_FAILED)
    await ended(store, clock, NOON + HOUR)
    await ended(store, clock, NOON + 2 * HOUR)
    await ended(store, clock, NOON + 3 * HOUR, release=False)
    story = await store.happenings.story(T1, TODAY, ["api"])
    assert [(each.number, each.again, each.sha) for each in story.deployments] == [
        (1, False, SHA_A),
        (2, False, SHA_A),
        (3, True, SHA_A),
        (4, False, None),
    ]


async def test_of_what_it_brought_merges_are_left_out(store: Store, clock: HandClock) -> None:
    await ended(store, clock, NOON)
    (found,) = (await store.happenings.story(T1, TODAY, ["api"])).deployments
    assert found.committed == (NOON,)  # of two, one is a merge
    assert (found.kind, found.planned, found.emergency, found.landed) == (Kind.DEPLOY, True, False, False)


async def test_failures_are_told_when_they_begin_and_with_their_deployment(
    store: Store, clock: HandClock
) -> None:
    first = await ended(store, clock, NOON - HOUR)
    second = await ended(store, clock, NOON + HOUR)
    late = [(first, NOON - HOUR / 2), (first, NOON), (second, NOON + 30 * HOUR), (first, NOON + DAY)]
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        for number, (deployment, at) in enumerate(late):
            place = deployment.wish
            await uow.failures.open(
                Failure(
                    place.service,
                    place.environment,
                    deployment.id,
                    FailureSource.ALERT,
                    f"a{number}",
                    "",
                    at,
                )
            )
    story = await store.happenings.story(T1, TODAY, ["api"])
    assert [each.external_id for each in story.failures] == ["a1", "a2"]
    assert (await store.happenings.story(T1, TODAY, ["web"])).failures == ()


async def many(store: Store, clock: HandClock) -> None:
    """Years of deployments, one ended in each minute."""
    first = await ended(store, clock, NOON)
    (sample,) = await rows(store, deployments.select().where(deployments.c.id == first.id))
    made = [
        sample._asdict()
        | {"id": f"d{n}", "number": n, "key": f"k{n}", "ended_at": NOON + n * timedelta(minutes=1)}
        | {"release_sha": f"{n:040}"}
        for n in range(2, 6000)
    ]
    async with store.database.write() as connection:
        await connection.execute(insert(deployments), made)
    if not store.database.sqlite:
        await tamper(store, "ANALYZE deployments")


async def test_a_window_is_found_by_its_index_after_years(store: Store, clock: HandClock) -> None:
    await many(store, clock)
    week = Window(NOON + timedelta(minutes=10), NOON + timedelta(minutes=40))
    plan = await explained(store, ended_query(within(T1, week, ["api"])))
    assert "ix_deployments_ended" in plan
    assert "ix_deployments_release" in plan
    assert not any(word in plan for word in ("SCAN deployments", "SCAN other", "Seq Scan"))
