"""A restore of a database is on record as itself, and no release came or went with it; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.lifecycle import State
from bot.core.records import NewDeployment, Wish
from bot.core.restorable import Restorable
from bot.core.run_reports import Backup, Image, Reported, RunReport
from bot.core.steps import Step
from bot.core.values import Kind
from bot.store.store import Store
from tests.contract.store_support import NOON, SHA_A, SHA_B, T1, TO_RUNNING, TO_SUCCEEDED, HandClock, new
from tests.contract.test_store_releases import deployed

BACKUP = Backup("b-0214", NOON - timedelta(hours=3))
WISH = Wish(Kind.RESTORE, "api", "staging", SHA_A, (), "orders are wrong", restores=Restorable(2, BACKUP, 1))


def restore() -> NewDeployment:
    return replace(new(), wish=WISH)


async def test_the_backup_and_what_a_run_said_come_back(store: Store) -> None:
    report = RunReport("v1", (Image("api", "sha256:" + "0" * 64),), BACKUP, ("7.sql",), "https://a.example")
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        added = await uow.deployments.add(restore())
        saved = await uow.deployments.save(replace(added, reported=Reported(report, "", NOON)))
    found = await store.queries.deployment(T1, 1)
    assert found == saved
    assert found is not None
    assert found.wish == WISH
    assert found.reported == Reported(report, "", NOON)


async def test_it_is_no_arrival_of_a_release(store: Store, clock: HandClock) -> None:
    await deployed(store, SHA_B, *TO_SUCCEEDED)
    clock.move(60)
    await deployed(store, SHA_A, *TO_SUCCEEDED)
    clock.move(60)
    stays = await store.releases.stays(T1, "api", "staging", SHA_A)
    await deployed(store, SHA_A, *TO_SUCCEEDED, asked=restore())
    await deployed(store, SHA_B, *TO_SUCCEEDED, asked=restore())
    await deployed(store, SHA_A, *TO_RUNNING, asked=restore())
    live = await store.queries.live(T1, "api", "staging")
    assert live is not None
    assert live.deployment.number == 2
    assert [each.number for each in await store.releases.arrivals(T1, "api", "staging")] == [1, 2]
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == stays
    (before,) = await store.releases.stays(T1, "api", "staging", SHA_B)
    assert before.until == stays[0].since
    assert [each.number for each in await store.releases.asked_for(T1, "api", SHA_A)] == [2]
    assert not await store.releases.proven(T1, "api", "staging", NOON)


async def test_it_holds_the_place_and_passes_those_that_wait(store: Store) -> None:
    await deployed(store, SHA_A)
    await deployed(store, SHA_A, asked=restore())
    line = await store.queries.in_line(T1, new().wish, 1)
    assert [(each.number, each.wish.kind) for each in line] == [(2, Kind.RESTORE)]
    assert line[0].state is State.REQUESTED
