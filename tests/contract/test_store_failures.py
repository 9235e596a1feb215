"""Failures on record, on both databases: each once, and ended once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from bot.core.failures import Failure, FailureSource
from bot.core.steps import Step
from bot.core.values import DeploymentId, Sha
from bot.store.store import Store
from bot.store.tables import failures
from tests.contract.store_support import NOON, SHA_A, SHA_B, SHA_C, T1, T2, TO_SUCCEEDED, HandClock, new
from tests.contract.test_store_releases import deployed


def failure(id: DeploymentId) -> Failure:
    return Failure("api", "staging", id, FailureSource.ROLLBACK, id, "the checkout fails", NOON)


async def opened(store: Store, found: Failure, workspace: str = T1) -> bool:
    async with store.units.begin(workspace, Step.RECORD_END) as uow:
        return await uow.failures.open(found)


async def recovered(store: Store, release: Sha, workspace: str = T1) -> tuple[Failure, ...]:
    async with store.units.begin(workspace, Step.VERIFY) as uow:
        return await uow.failures.recover("api", "staging", release)


async def test_each_is_kept_once_and_as_it_was_first(store: Store) -> None:
    found = failure(await deployed(store, SHA_A, *TO_SUCCEEDED))
    assert await opened(store, found)
    assert not await opened(store, replace(found, summary="again", started_at=NOON + timedelta(hours=1)))
    assert await store.failures.of(T1, "api", "staging") == (found,)
    assert await store.failures.of(T1, "api", "production") == ()
    assert await store.failures.of(T2, "api", "staging") == ()
    assert await opened(store, found, T2), "another workspace has its own"


async def test_what_takes_its_place_ends_it_once(store: Store, clock: HandClock) -> None:
    first = failure(await deployed(store, SHA_A, *TO_SUCCEEDED))
    second = failure(await deployed(store, SHA_B, *TO_SUCCEEDED))
    assert await opened(store, first)
    assert await opened(store, second)
    clock.move(60)
    assert await recovered(store, SHA_C, T2) == ()
    ended = replace(first, ended_at=NOON + timedelta(minutes=1))
    assert await recovered(store, SHA_B) == (ended,), "its own release mends nothing"
    clock.move(60)
    assert await recovered(store, SHA_A) == (replace(second, ended_at=NOON + timedelta(minutes=2)),)
    assert await recovered(store, SHA_C) == ()
    assert {each.ended_at for each in await store.failures.of(T1, "api", "staging")} == {
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=2),
    }


async def test_another_place_does_not_recover_with_it(store: Store) -> None:
    id = await deployed(store, SHA_A, *TO_SUCCEEDED, asked=new(environment="production"))
    there = replace(failure(id), environment="production")
    assert await opened(store, there)
    assert await recovered(store, SHA_B) == ()
    assert await store.failures.of(T1, "api", "production") == (there,)


async def test_what_another_source_noticed_is_not_read_as_one_of_these(store: Store) -> None:
    found = failure(await deployed(store, SHA_A, *TO_SUCCEEDED))
    assert await opened(store, found)
    async with store.database.write() as connection:
        await connection.execute(update(failures).values(source="somebody else"))
    assert await store.failures.of(T1, "api", "staging") == ()
    assert await recovered(store, SHA_B) == (), "nor ended by what comes after it"


async def test_an_alert_ends_by_its_own_word_and_not_by_what_comes_after_it(store: Store) -> None:
    alert = replace(failure(await deployed(store, SHA_A, *TO_SUCCEEDED)), source=FailureSource.ALERT)
    async with store.units.begin(T1, Step.PIN_ALERTS) as uow:
        await uow.failures.begin(alert)
    assert await recovered(store, SHA_B) == ()
    assert await store.failures.of(T1, "api", "staging") == (alert,)
