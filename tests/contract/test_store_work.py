"""Keys under lease, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import LeaseLost
from bot.core.records import Lease
from bot.core.steps import Step
from bot.store.database import LEASE
from bot.store.store import Store
from bot.store.wakeups import Wake, Wakeup
from tests.contract.store_support import NOON, T1, T2, HandClock, add, open_store, rows, tamper


async def claim_one(store: Store) -> Lease:
    """The only key that is due."""
    [lease] = await store.work.claim(10)
    return lease


async def quiet_ear(store: Store, *wakes: Wake) -> Wakeup:
    """An ear that has heard the one call that a new connection to PostgreSQL makes."""
    ear = store.wakeup(*wakes)
    if not store.database.sqlite and not store.listening.ready.is_set():
        await asyncio.wait_for(ear.wait(), 10)
        await asyncio.wait_for(store.listening.ready.wait(), 10)
    return ear


async def test_a_wanted_key_is_claimed_once(store: Store) -> None:
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    assert (lease.workspace, lease.key, lease.owner) == (T1, "a", "one")
    assert await store.work.claim(10) == ()


async def test_whether_a_key_was_ever_claimed_is_known_for_good(store: Store) -> None:
    assert not await store.work.was_claimed(T1, "a")
    await store.work.want(T1, "a")
    await store.work.want(T2, "a")
    assert not await store.work.was_claimed(T1, "a")
    lease, other = await store.work.claim(10)
    assert await store.work.was_claimed(lease.workspace, "a")
    await store.work.requeue(lease, None)
    await store.work.requeue(other, None)
    assert await store.work.was_claimed(T1, "a")
    assert await store.work.was_claimed(T2, "a")
    assert not await store.work.was_claimed(T1, "b")


async def test_a_wish_comes_due(store: Store, clock: HandClock) -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.work.want("a", NOON + timedelta(seconds=30))
    assert await store.work.claim(10) == ()
    assert await store.work.next_due() == timedelta(seconds=30)
    clock.move(30)
    assert (await claim_one(store)).key == "a"


@pytest.mark.parametrize("seconds", [(10, 60), (60, 10), (10, 10)])
async def test_a_wish_is_never_moved_later(store: Store, seconds: tuple[int, int]) -> None:
    for offset in seconds:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.work.want("a", NOON + timedelta(seconds=offset))
    assert await store.work.next_due() == timedelta(seconds=10)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.work.want("a", NOON + timedelta(seconds=5))
        await uow.work.want("a", NOON + timedelta(seconds=90))
    assert await store.work.next_due() == timedelta(seconds=5)


async def test_given_back_for_good_it_waits_for_a_wish(store: Store, clock: HandClock) -> None:
    await store.work.want(T1, "a")
    await store.work.requeue(await claim_one(store), None)
    clock.move(10**6)
    assert await store.work.claim(10) == ()
    assert await store.work.next_due() is None
    await store.work.want(T1, "a")
    assert (await claim_one(store)).fence == 2


async def test_a_wish_during_a_look_is_not_lost(store: Store) -> None:
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    await store.work.want(T1, "a")
    assert await store.work.claim(10) == ()
    await store.work.requeue(lease, timedelta(hours=1))
    assert (await claim_one(store)).key == "a"


async def test_a_look_may_want_its_own_key(store: Store) -> None:
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=lease) as uow:
        await uow.work.want("a")
    await store.work.requeue(lease, None)
    assert (await claim_one(store)).key == "a"


async def test_what_a_dead_worker_held_is_claimed_again(store: Store, clock: HandClock) -> None:
    await store.work.want(T1, "a")
    await claim_one(store)
    assert await store.work.next_due() == LEASE
    clock.move(LEASE.total_seconds())
    assert (await claim_one(store)).fence == 2


async def test_each_unit_extends_the_lease(store: Store, clock: HandClock) -> None:
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    for _ in range(4):
        clock.move(LEASE.total_seconds() * 0.7)
        async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=lease):
            pass
    assert await store.work.claim(10) == ()


async def test_a_lease_is_kept_until_somebody_takes_it_over(store: Store, clock: HandClock) -> None:
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    for _ in range(4):
        clock.move(LEASE.total_seconds() * 0.7)
        await store.work.keep(lease)
    assert await store.work.claim(10) == ()
    clock.move(LEASE.total_seconds())
    await claim_one(store)
    with pytest.raises(LeaseLost):
        await store.work.keep(lease)


async def test_a_paused_owner_writes_nothing_after_the_takeover(
    store: Store, database_url: str, clock: HandClock
) -> None:
    asked = await add(store)
    await store.work.want(T1, "a")
    stale = await claim_one(store)
    clock.move(61)
    async with open_store(database_url, clock, owner="two") as other:
        await claim_one(other)
    entered = False
    with pytest.raises(LeaseLost):
        async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=stale) as uow:
            entered = True
            await uow.deployments.save(replace(asked, note="too late"))
    assert not entered
    with pytest.raises(LeaseLost):
        await store.work.requeue(stale, None)
    assert await store.queries.deployment(T1, 1) == asked


async def test_the_fence_tells_apart_what_the_owner_alone_does_not(store: Store, clock: HandClock) -> None:
    """The same process takes its own key again: only the fence says that the first look is over."""
    await store.work.want(T1, "a")
    stale = await claim_one(store)
    clock.move(61)
    current = await claim_one(store)
    assert current == replace(stale, fence=stale.fence + 1)
    with pytest.raises(LeaseLost):
        async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=stale):
            pass
    async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=current):
        pass


async def test_nobody_takes_over_between_the_check_and_the_commit(
    store: Store, database_url: str, clock: HandClock
) -> None:
    """The lease has run out but was not taken over: the unit that checks it keeps it until its end."""
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    clock.move(61)
    async with open_store(database_url, clock, owner="two") as other:
        async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=lease):
            race = asyncio.create_task(other.work.claim(10))
            await asyncio.wait({race}, timeout=0.2)
        assert await race == ()


async def test_many_workers_share_without_overlap(store: Store, database_url: str, clock: HandClock) -> None:
    for index in range(40):
        await store.work.want(T1, f"key {index}")
    async with (
        open_store(database_url, clock, owner="two") as two,
        open_store(database_url, clock, owner="three") as three,
        asyncio.TaskGroup() as tasks,
    ):
        claims = [tasks.create_task(each.work.claim(7)) for each in (store, two, three) * 2]
    keys = [lease.key for claim in claims for lease in claim.result()]
    assert len(keys) == len(set(keys)) >= 34


async def test_claims_respect_the_limit_and_the_order(store: Store, clock: HandClock) -> None:
    for key in ("first", "second", "third"):
        await store.work.want(T1, key)
        clock.move(1)
    assert [lease.key for lease in await store.work.claim(2)] == ["first", "second"]
    assert [lease.key for lease in await store.work.claim(2)] == ["third"]


async def test_the_same_key_of_two_workspaces_is_two_things(store: Store) -> None:
    await store.work.want(T1, "a")
    await store.work.want(T2, "a")
    leases = await store.work.claim(10)
    assert {lease.workspace for lease in leases} == {T1, T2}
    await store.work.requeue(next(lease for lease in leases if lease.workspace == T1), timedelta())
    assert (await claim_one(store)).workspace == T1


async def test_waking_a_worker_never_waits_for_its_pass(store: Store) -> None:
    """A pass holds its lease and wants the deployment; a cancel holds the deployment and wants the key."""
    asked = await add(store)
    await store.work.want(T1, "a")
    lease = await claim_one(store)
    holds, wants = asyncio.Event(), asyncio.Event()

    async def cancel() -> None:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.get(asked.id)
            holds.set()
            if not store.database.sqlite:  # there the pass could not begin before we end
                await wants.wait()
            await uow.work.want("a")

    async def look() -> None:
        await holds.wait()
        async with store.units.begin(T1, Step.RECORD_PROGRESS, lease=lease) as uow:
            wants.set()
            await uow.deployments.get(asked.id)

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(cancel())
        tasks.create_task(look())
    await store.work.requeue(lease, None)
    assert (await claim_one(store)).key == "a"


async def test_a_loop_hears_what_was_wanted_while_it_was_busy(store: Store) -> None:
    ear, deaf = await quiet_ear(store, Wake.WORK), await quiet_ear(store, Wake.INBOX)
    await store.work.want(T1, "a")
    async with asyncio.timeout(5):
        await ear.wait()
    for silent in (ear, deaf):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(silent.wait(), 0.01)


async def test_nothing_is_rung_for_a_unit_that_failed(store: Store) -> None:
    ear = await quiet_ear(store, Wake.WORK, Wake.OUTBOX)
    with pytest.raises(RuntimeError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.work.want("a")
            raise RuntimeError
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ear.wait(), 0.01)
    assert await store.work.next_due() is None


async def test_without_a_clock_of_its_own_the_database_says_what_is_due(database_url: str) -> None:
    async with Store(database_url, HandClock(), owner="one") as store:
        await store.work.want(T1, "a")
        assert len(await store.work.claim(1)) == 1
        [(until,)] = await rows(store, "SELECT until FROM leases WHERE until IS NOT NULL")
        assert until
        await tamper(store, "UPDATE leases SET until = '2001-01-01 00:00:00.000000'")
        assert len(await store.work.claim(1)) == 1


async def test_delays_count_by_the_databases_clock(database_url: str) -> None:
    wrong = HandClock(NOON - timedelta(days=3000))  # the machine's clock is far off
    async with Store(database_url, wrong, owner="one") as store:
        await store.work.want(T1, "a")
        await store.work.requeue(await claim_one(store), timedelta(seconds=30))
        due = await store.work.next_due()
        assert due is not None
        assert timedelta(seconds=20) < due <= timedelta(seconds=30)
        assert await store.work.claim(10) == ()
        await store.work.want(T1, "a")
        await store.work.requeue(await claim_one(store), timedelta(seconds=-1))
        assert (await claim_one(store)).key == "a"
