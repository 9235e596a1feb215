"""What is in some state, the oldest first with its card; it costs nothing how much has ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from bot.core.effects import Posted, ShowCard
from bot.core.lifecycle import State, Trigger
from bot.core.records import Shown
from bot.core.steps import Step
from bot.core.values import Actor, ActorKind
from bot.store.queries import in_line_query, in_states_query
from bot.store.store import Store
from bot.store.tables import deployments
from tests.contract.store_support import ADA, NOON, T1, T2, add, follow, rows, tamper
from tests.contract.test_store_archive import explained

BOB = Actor(ActorKind.PERSON, "U2", "Bob")
UNDECIDED = frozenset({State.SCHEDULED, State.WAITING})
MANY = 10_000


async def waits(store: Store, **changes: object) -> Shown:
    asked = await add(store, **changes)  # type: ignore[arg-type]
    async with store.units.begin(asked.workspace, Step.HANDLE_DELIVERY) as uow:
        return Shown(await follow(uow, await uow.deployments.get(asked.id), Trigger.RESOLVE))


async def numbers(store: Store, limit: int = 10, requester: str | None = None) -> list[int]:
    found = await store.queries.in_states(T1, UNDECIDED, limit, requester)
    return [each.deployment.number for each in found]


async def test_the_oldest_come_first_of_one_workspace_and_these_states(store: Store) -> None:
    for _ in range(3):
        await waits(store)
    await add(store)  # asked, and not read yet
    await waits(store, workspace=T2)
    assert await numbers(store) == [1, 2, 3]
    assert await numbers(store, limit=2) == [1, 2]
    second = (await store.queries.in_states(T1, UNDECIDED, 10))[1].deployment
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await follow(uow, await uow.deployments.get(second.id), Trigger.REJECT)
    assert await numbers(store) == [1, 3]
    assert await store.queries.in_states(T1, (), 10) == ()


async def test_those_of_one_requester(store: Store) -> None:
    await waits(store)
    await waits(store, requested_by=BOB)
    assert await numbers(store, requester=BOB.id) == [2]
    assert await numbers(store, requester=ADA.id) == [1]


async def test_it_comes_with_the_place_of_its_card(store: Store) -> None:
    first, _ = await waits(store), await waits(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.show(ShowCard(first.deployment.id))
    for parcel in await store.outbox.claim(9):
        if parcel.effect == ShowCard(first.deployment.id):
            await store.outbox.delivered(parcel, Posted("C9", "171.5"))
    found = await store.queries.in_states(T1, UNDECIDED, 10)
    assert [each.card for each in found] == [Posted("C9", "171.5"), None]
    assert found[0].deployment == await store.queries.deployment(T1, 1)


async def test_ten_thousand_that_have_ended_are_never_read_through(store: Store) -> None:
    await waits(store)
    (sample,) = await rows(store, deployments.select())
    ended = {"state": State.SUCCEEDED.value, "ended_at": NOON + timedelta(minutes=1)}
    made = [
        sample._asdict() | ended | {"id": f"d{n}", "number": n, "key": f"k{n}"} for n in range(2, MANY + 2)
    ]
    async with store.database.write() as connection:
        await connection.execute(insert(deployments), made)
    if not store.database.sqlite:
        await tamper(store, "ANALYZE deployments")
    for requester in (None, ADA.id):
        plan = await explained(store, in_states_query(T1, UNDECIDED, 201, requester))
        assert "ix_deployments_workspace_id_state" in plan, plan
        assert "Seq Scan on deployments" not in plan, plan
        assert "SCAN" not in plan, plan
    assert await numbers(store) == [1]
    mine = (await store.queries.in_states(T1, UNDECIDED, 1))[0].deployment
    plan = await explained(store, in_line_query(T1, mine.wish, MANY * 2))
    assert "Seq Scan on deployments" not in plan, plan
    assert "SCAN" not in plan, plan
    assert "number" not in plan.partition("ix_deployments")[2].splitlines()[0], plan  # not along the numbers


async def test_a_line_is_who_runs_there_and_who_asked_before(store: Store) -> None:
    running, ended, first, mine, later = [await waits(store) for _ in range(5)]
    await waits(store, service="web")
    await waits(store, workspace=T2)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        await follow(uow, ended.deployment, Trigger.WITHDRAW)
        await follow(uow, running.deployment, Trigger.OPEN_GATES, Trigger.TAKE_SLOT)
    before = [running.deployment.number, first.deployment.number]
    found = await store.queries.in_line(T1, mine.deployment.wish, mine.deployment.number)
    assert [each.number for each in found] == before
    everybody = await store.queries.in_line(T1, mine.deployment.wish)
    assert [each.number for each in everybody] == [*before, mine.deployment.number, later.deployment.number]
