"""What one unit of work promises, on both databases."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint, delete, func, select

from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.errors import Bug, LeaseLost, Transient
from bot.core.events import RequestRefused
from bot.core.lifecycle import Trigger
from bot.core.records import Delivery, Lane, Lease, Receipt, Source
from bot.core.steps import Step
from bot.core.values import DeploymentId
from bot.store.database import LEASE
from bot.store.ids import new_id
from bot.store.store import Store
from bot.store.tables import deployments, inbox, metadata
from tests.contract.store_support import (
    ADA,
    NOON,
    T1,
    T2,
    TO_RUNNING,
    TO_SUCCEEDED,
    HandClock,
    add,
    follow,
    new,
    open_store,
    resolution,
    rows,
    run,
    tamper,
)

REFUSED = RequestRefused("deploy", "api", "production", "no", "because")


async def everything(store: Store, workspace: str) -> dict[str, int]:
    """How many rows the workspace has in each table."""
    async with store.database.read() as connection:
        counts = {
            table.name: select(func.count()).where(table.c.workspace_id == workspace)
            for table in metadata.sorted_tables
        }
        return {name: (await connection.execute(count)).scalar_one() for name, count in counts.items()}


async def deliver(store: Store, body: bytes = b"x") -> Delivery:
    """A receipt that this process has claimed."""
    receipt = Receipt(T1, Source.SLACK, Lane.INTERACTIVE, "command", new_id(), new_id(), body)
    id = new_id()
    row: dict[str, Any] = {
        "workspace_id": T1,
        "id": id,
        "source": receipt.source.value,
        "lane": receipt.lane.value,
        "kind": receipt.kind,
        "delivery_key": receipt.delivery_key,
        "signature": receipt.signature,
        "headers": [],
        "body": receipt.body,
        "received_at": NOON,
        "due_at": NOON,
        "owner": "one",
        "until": NOON,
        "fence": 3,
    }
    async with store.database.write() as connection:
        await connection.execute(inbox.insert().values(row))
    return Delivery(id, receipt, NOON, 1, Lease(T1, id, 3, "one"))


async def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    await add(store)
    before = await everything(store, T1)
    with pytest.raises(RuntimeError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            asked = await uow.deployments.add(new())
            await follow(uow, replace(asked, run=run()), *TO_RUNNING)
            await uow.record(REFUSED, ADA)
            await uow.show(ShowCard(asked.id))
            await uow.work.want("a")
            raise RuntimeError
    assert await everything(store, T1) == before


async def test_no_audit_no_action(store: Store) -> None:
    asked = await add(store)
    await tamper(store, "DROP TABLE audit")
    with pytest.raises(Bug, match="audit"):
        async with store.units.begin(T1, Step.RECORD_END) as uow:
            await uow.deployments.move(asked, Trigger.WITHDRAW, ADA, "")
    assert await store.queries.deployment(T1, 1) == asked
    assert await rows(store, "SELECT count(*) FROM events") == [(0,)]


async def test_what_cannot_be_audited_does_not_happen(store: Store) -> None:
    with pytest.raises(Bug):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.add(new())
            await uow.record(replace(REFUSED, why="\ud800"), ADA)
    assert await store.queries.deployment(T1, 1) is None


async def test_an_event_keeps_who_and_what(store: Store) -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.record(REFUSED, ADA)
    [row] = await rows(store, "SELECT kind, deployment_id, actor_kind, actor_id, actor_name FROM events")
    assert tuple(row) == ("RequestRefused", None, "person", "U1", "Ada")


async def test_a_delivery_is_handled_in_the_commit_of_its_effects(store: Store) -> None:
    delivery = await deliver(store)
    with pytest.raises(RuntimeError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY, handles=delivery):
            raise RuntimeError
    assert await rows(store, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(1,)]
    async with store.units.begin(T1, Step.HANDLE_DELIVERY, handles=delivery) as uow:
        await uow.deployments.add(new())
    assert await rows(store, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(0,)]


async def test_a_delivery_is_handled_once(store: Store) -> None:
    delivery = await deliver(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY, handles=delivery):
        pass
    for late in (delivery, replace(delivery, lease=replace(delivery.lease, fence=4))):
        with pytest.raises(LeaseLost):
            async with store.units.begin(T1, Step.HANDLE_DELIVERY, handles=late) as uow:
                await uow.deployments.add(new())
    assert await store.queries.deployment(T1, 1) is None


async def test_a_delivery_that_somebody_else_took_is_not_handled(store: Store) -> None:
    delivery = await deliver(store)
    await tamper(store, "UPDATE inbox SET fence = 4, owner = 'two'")
    with pytest.raises(LeaseLost):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY, handles=delivery):
            pass


async def test_bodies_are_kept_to_the_byte(store: Store) -> None:
    body = bytes(range(256)) + "ü\u202e".encode() + b"\r\n\x00"
    await deliver(store, body)
    async with store.database.read() as connection:
        assert (await connection.execute(select(inbox.c.body))).scalar_one() == body


async def test_another_workspace_sees_and_moves_nothing_of_ours(store: Store) -> None:
    mine = await add(store, workspace=T1)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        mine = await follow(uow, replace(mine, resolution=resolution(), run=run()), *TO_SUCCEEDED)
    busy = await add(store, workspace=T1)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        await follow(uow, busy, *TO_RUNNING)
    before = await everything(store, T1)

    theirs = await add(store, workspace=T2)
    assert theirs.number == 1
    assert await store.queries.deployment_by_id(T2, mine.id) is None
    assert await store.queries.deployment(T2, 2) is None
    assert await store.queries.live(T2, "api", "staging") is None
    assert await store.queries.recent(T2, None, None, 10) == (theirs,)
    assert await store.queries.transitions(T2, mine.id) == ()
    async with store.units.begin(T2, Step.TAKE_SLOT) as uow:
        assert await uow.slots.holder("api", "staging") is None
        assert await uow.deployments.by_number(2) is None
        moved = await follow(uow, replace(theirs, run=run()), *TO_RUNNING)
        await uow.show(Announce(moved.id, Announcement.ALARM))
        await uow.work.want(f"deployment/{mine.id}")
    for foreign in (mine.id, DeploymentId("nobody's")):
        with pytest.raises(Bug):
            async with store.units.begin(T2, Step.READ) as uow:
                await uow.deployments.get(foreign)
    with pytest.raises(Bug):
        async with store.units.begin(T2, Step.RECORD_PROGRESS) as uow:
            await uow.deployments.save(mine)
    assert await everything(store, T1) == before
    assert await store.queries.deployment(T1, 1) == mine
    for workspace in (T1, T2):
        assert (await store.audit.verify(workspace)).broken_at is None


async def test_every_table_and_key_begins_with_the_workspace() -> None:
    for table in metadata.sorted_tables:
        assert next(iter(table.primary_key.columns)).name == "workspace_id", table.name
        unique = [index.columns for index in table.indexes if index.unique]
        unique += [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
        assert all(next(iter(columns)).name == "workspace_id" for columns in unique), table.name


async def test_no_update_is_lost(store: Store, database_url: str, clock: HandClock) -> None:
    """Eight tasks in two processes' worth of connections, each twenty times: read, then write."""
    asked = await add(store)

    async def count(one: Store) -> None:
        for _ in range(20):
            async with one.units.begin(T1, Step.RECORD_PROGRESS) as uow:
                seen = await uow.deployments.get(asked.id)
                await uow.deployments.save(replace(seen, note=str(int(seen.note or 0) + 1)))

    async with open_store(database_url, clock, owner="two") as other, asyncio.TaskGroup() as tasks:
        for each in (store, other) * 4:
            tasks.create_task(count(each))
    found = await store.queries.deployment(T1, 1)
    assert found is not None
    assert (found.note, found.version) == ("160", 161)


async def test_a_cancelled_unit_leaves_the_store_in_order(store: Store) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.add(new())
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await add(store)).number == 1


async def test_a_reader_never_waits_for_a_writer(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
        await uow.deployments.save(replace(asked, note="not yet"))
        async with asyncio.timeout(5):
            assert await store.queries.deployment(T1, 1) == asked


async def test_a_reader_cannot_write(store: Store) -> None:
    if not store.database.sqlite:
        return
    with pytest.raises(Transient):
        async with store.database.read() as connection:
            await connection.execute(delete(deployments))


async def test_a_database_that_is_down_is_transient(database_url: str, clock: HandClock) -> None:
    gone = (
        f"{database_url}/nowhere/slipway.db"
        if database_url.startswith("sqlite")
        else "postgresql://nobody@127.0.0.1:1/none"
    )
    async with open_store(gone, clock) as store:
        with pytest.raises(Transient):
            await store.queries.deployment(T1, 1)
        with pytest.raises(Transient):
            async with store.units.begin(T1, Step.READ):
                pytest.fail("there is no database to begin with")


async def test_an_error_shows_no_values(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL quotes them in its details, and errors are logged."""
    with pytest.raises(Bug) as failed:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.add(new(channel="swordfish"))
            await uow.record(replace(REFUSED, why="swordfish \ud800"), ADA)
    logged = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert "swordfish" not in logged


async def test_a_workspace_is_known_once(store: Store) -> None:
    await store.register_workspace(T1, "Acme", "B1")
    await store.register_workspace(T1, "Acme Inc", "B2")
    await store.register_workspace(T2, "Other", "B3")
    assert await store.queries.workspaces() == (T1, T2)
    [(name,)] = await rows(store, "SELECT name FROM workspaces WHERE workspace_id = :id", id=T1)
    assert name == "Acme Inc"


async def test_a_new_process_frees_what_the_dead_one_held(store: Store, clock: HandClock) -> None:
    await store.work.want(T1, "a")
    async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
        await uow.show(ShowCard(DeploymentId("d1")))
    [held] = await store.work.claim(5)
    [sent] = await store.outbox.claim(5)
    await store.take_over()
    assert [lease.fence for lease in await store.work.claim(5)] == [held.fence + 1]
    assert await store.outbox.claim(5) == (), "its call may arrive yet"
    clock.move(LEASE.total_seconds())
    assert [parcel.lease.fence for parcel in await store.outbox.claim(5)] == [sent.lease.fence + 1]
