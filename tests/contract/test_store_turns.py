"""A job is done once in each of its slots, by whichever process comes first, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.steps import Step
from bot.store.store import Store
from bot.store.turns import TURNS_KEPT
from tests.contract.store_support import T1, T2, HandClock, open_store

JOB, SLOT = "digest/7", "2026-10-25T09:00"


async def take(store: Store, job: str = JOB, slot: str = SLOT, workspace: str = T1) -> bool:
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        return await uow.turns.take(job, slot)


async def test_a_turn_is_had_once(store: Store) -> None:
    assert await take(store)
    assert not await take(store)
    assert await take(store, slot="2026-10-26T09:00")
    assert await take(store, job="digest/8")
    assert await take(store, workspace=T2)


async def test_a_turn_whose_work_did_not_commit_was_not_had(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            assert await uow.turns.take(JOB, SLOT)
            raise ZeroDivisionError
    assert await take(store)


async def test_of_many_processes_one_has_the_turn(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as one, open_store(database_url, HandClock()) as other:
        had = await asyncio.gather(*(take(each) for each in (one, other) * 8))
    assert sum(had) == 1


async def test_only_old_turns_are_forgotten(store: Store, clock: HandClock) -> None:
    await take(store)
    clock.move(timedelta(days=1).total_seconds())
    await take(store, slot="later")
    assert await store.turns.purge() == 0
    clock.move((TURNS_KEPT - timedelta(hours=12)).total_seconds())
    assert await store.turns.purge() == 1
    assert not await take(store, slot="later")
