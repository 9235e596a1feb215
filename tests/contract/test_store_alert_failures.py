"""What went wrong after a success, on both databases: known once, and each workspace for itself."""

from __future__ import annotations

from datetime import timedelta

from bot.core.failures import Failure, FailureSource
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.store.store import Store
from tests.contract.store_support import NOON, T1, T2, HandClock, add, rows


async def begin(store: Store, deployment: Deployment, summary: str = "7 % fail") -> None:
    async with store.units.begin(deployment.workspace, Step.PIN_ALERTS) as uow:
        wish = deployment.wish
        alert = Failure(
            wish.service, wish.environment, deployment.id, FailureSource.ALERT, "a", summary, NOON
        )
        await uow.failures.begin(alert)


async def end(store: Store, workspace: str, source: FailureSource = FailureSource.ALERT) -> None:
    async with store.units.begin(workspace, Step.PIN_ALERTS) as uow:
        await uow.failures.end(source, "a")


async def known(store: Store, workspace: str) -> list[tuple[str, bool]]:
    query = "SELECT summary, ended_at FROM failures WHERE workspace_id = :workspace"
    found = await rows(store, query, workspace=workspace)
    return [(each.summary, each.ended_at is not None) for each in found]


async def test_it_is_known_once_and_may_begin_again(store: Store, clock: HandClock) -> None:
    deployment = await add(store)
    await begin(store, deployment)
    await begin(store, deployment, "8 % fail")
    assert await known(store, T1) == [("7 % fail", False)]
    await end(store, T1)
    assert await known(store, T1) == [("7 % fail", True)]
    first = await rows(store, "SELECT ended_at FROM failures")
    clock.move(60)
    await end(store, T1)
    assert await rows(store, "SELECT ended_at FROM failures") == first
    await begin(store, deployment)
    assert await known(store, T1) == [("7 % fail", False)]
    assert clock.now() - NOON == timedelta(seconds=60)


async def test_it_says_where_and_since_when(store: Store) -> None:
    deployment = await add(store)
    await begin(store, deployment)
    [row] = await rows(store, "SELECT service, environment, deployment_id, source FROM failures")
    assert tuple(row) == ("api", "staging", deployment.id, "alert")


async def test_an_end_is_of_one_source_and_workspace(store: Store) -> None:
    mine, theirs = await add(store), await add(store, workspace=T2)
    for each in (mine, theirs):
        await begin(store, each)
    await end(store, T1, FailureSource.ROLLBACK)
    await end(store, T2)
    assert (await known(store, T1), await known(store, T2)) == ([("7 % fail", False)], [("7 % fail", True)])
