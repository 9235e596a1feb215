"""How the verifications on a schedule go, on both databases: kept as it is, one row for each rule."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.core.courses import Course
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.verifications import Measured, Outcome
from bot.store.store import Store
from tests.contract.store_support import NOON, T1, T2, somebody_waits_for_a_row

LAST = Measured("health", Outcome.FAILED, "answered 503", begun_at=NOON, read_at=NOON, passes=2)
COURSE = Course(
    "api",
    "staging",
    "1f",
    NOON,
    measured=replace(LAST, outcome=Outcome.MEASURING, run=RunRef("github", "acme/api", "7")),
    number=3,
    last=LAST,
    held_at=NOON - timedelta(hours=4),
    failing_since=NOON,
    blind=1,
    blind_since=NOON,
    blind_told=True,
)
OTHER = Course("api", "staging", "2f", NOON)


async def put(store: Store, *courses: Course, workspace: str = T1) -> None:
    async with store.units.begin(workspace, Step.KEEP_READING) as uow:
        for each in courses:
            await uow.courses.put(each)


async def test_each_is_read_as_it_was_kept(store: Store) -> None:
    await put(store, OTHER, COURSE, replace(OTHER, environment="production"))
    assert await store.courses.at(T1, "api", "staging") == (COURSE, OTHER)
    assert [each.environment for each in await store.courses.of(T1)] == ["production", "staging", "staging"]
    assert await store.courses.of(T2) == ()
    async with store.units.begin(T1, Step.READ) as uow:
        assert await uow.courses.get(*COURSE.place) == COURSE
        assert await uow.courses.get("api", "staging", "3f") is None


async def test_what_is_newer_takes_the_place_of_what_was(store: Store) -> None:
    await put(store, COURSE)
    await put(store, COURSE, workspace=T2)
    newer = replace(COURSE, slot=NOON + timedelta(hours=4), measured=None, last=None)
    await put(store, newer)
    assert await store.courses.of(T1) == (newer,)
    assert await store.courses.of(T2) == (COURSE,)


async def test_one_that_is_forgotten_leaves_the_others(store: Store) -> None:
    await put(store, COURSE, OTHER)
    await put(store, COURSE, workspace=T2)
    async with store.units.begin(T1, Step.TAKE_TURN) as uow:
        await uow.courses.forget(COURSE)
    assert await store.courses.of(T1) == (OTHER,)
    assert await store.courses.of(T2) == (COURSE,)


async def test_whoever_reads_it_to_change_it_has_it_alone(store: Store) -> None:
    await put(store, COURSE)
    read, seen = asyncio.Event(), []

    async def count() -> None:
        async with store.units.begin(T1, Step.KEEP_READING) as uow:
            found = await uow.courses.get(*COURSE.place)
            assert found is not None
            seen.append(found.blind)
            if not read.is_set():
                read.set()
                await somebody_waits_for_a_row(store)
            await uow.courses.put(replace(found, blind=found.blind + 1))

    first = asyncio.create_task(count())
    await read.wait()
    await asyncio.gather(first, count())
    assert seen == [1, 2]
