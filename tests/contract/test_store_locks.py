"""Locks and their waiting list, on both databases: one holder, nobody forgotten, nobody told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.effects import Tell
from bot.core.errors import Locked, UserError
from bot.core.intents import EndLock, TakeLock
from bot.core.locks import Lock, Scope
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Actor, ActorKind, Kind
from bot.core.verdicts import GateState, Verdict
from bot.engine import waiting
from bot.engine.locking import end_lock, hold, locked_out, take_lock
from bot.engine.world import work_key
from bot.store.store import Store
from tests.contract.store_support import ADA, NOON, SHA_A, T1, T2, HandClock, add, new, open_store

GRACE = Actor(ActorKind.PERSON, "U2", "Grace")
LINUS = Actor(ActorKind.PERSON, "U3", "Linus")
STAGING = Scope("api", "staging")
TWO_HOURS = timedelta(hours=2)


async def take(
    store: Store, actor: Actor, scope: Scope = STAGING, lasts: timedelta | None = None, *, workspace: str = T1
) -> Lock:
    """As the command does it."""
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        await take_lock(uow, TakeLock(scope, "incident 4711", lasts), actor)
    return next(each for each in await store.locks.held(workspace) if each.scope == scope)


async def end(store: Store, lock: Lock, actor: Actor, reason: str = "") -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await end_lock(uow, EndLock(lock, reason), actor)


async def join(store: Store, person: Actor, scope: Scope = STAGING) -> str:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        return (await waiting.join(uow, scope, person)).plain()


async def told(store: Store) -> list[str]:
    """Who got a direct message; it is taken."""
    parcels = await store.outbox.claim(50)
    for parcel in parcels:
        await store.outbox.delivered(parcel, None)
    return sorted(each.effect.person for each in parcels if isinstance(each.effect, Tell))


async def test_a_lock_is_kept_as_it_was_taken(store: Store) -> None:
    await take(store, ADA, STAGING, TWO_HOURS)
    (lock,) = await store.locks.held(T1)
    assert (lock.scope, lock.owner, lock.reason) == (STAGING, ADA, "incident 4711")
    assert (lock.since, lock.until) == (NOON, NOON + TWO_HOURS)
    assert await store.locks.held(T2) == ()
    await take(store, GRACE, workspace=T2)
    assert len(await store.locks.held(T1)) == 1


async def test_a_lock_counts_until_its_end_and_not_a_moment_longer(store: Store, clock: HandClock) -> None:
    lock = await take(store, ADA, STAGING, TWO_HOURS)
    clock.move(TWO_HOURS.total_seconds() - 0.001)
    assert await store.locks.held(T1) == (lock,)
    clock.move(0.001)
    assert await store.locks.held(T1) == ()
    async with store.units.begin(T1, Step.READ) as uow:
        assert await uow.locks.held() == ()
    assert (await take(store, GRACE)).owner == GRACE


async def test_the_owner_may_take_it_again_with_another_end(store: Store) -> None:
    first = await take(store, ADA, STAGING, TWO_HOURS)
    again = await take(store, ADA)
    assert again.until is None
    assert again.id != first.id
    with pytest.raises(UserError, match="changed meanwhile"):
        await end(store, first, ADA)
    assert await store.locks.held(T1) == (again,)


@pytest.mark.parametrize(
    ("held", "wanted", "refused"),
    [
        (STAGING, STAGING, True),
        (Scope("api"), STAGING, True),
        (Scope(None, "staging"), STAGING, True),
        (Scope(), STAGING, True),
        (STAGING, Scope("api"), False),
        (STAGING, Scope("web", "staging"), False),
        (Scope("api"), Scope(None, "staging"), False),
    ],
)
async def test_nobody_locks_what_somebody_else_holds_whole(
    store: Store, held: Scope, wanted: Scope, refused: bool
) -> None:
    await take(store, ADA, held)
    if refused:
        with pytest.raises(Locked, match="Ada has locked"):
            await take(store, GRACE, wanted)
    else:
        await take(store, GRACE, wanted)
    assert len(await store.locks.held(T1)) == (1 if refused else 2)


async def test_of_many_at_once_one_gets_it_and_the_others_hear_who(store: Store) -> None:
    people = [Actor(ActorKind.PERSON, f"U{number}", f"P{number}") for number in range(8)]
    tries = await asyncio.gather(*(take(store, each) for each in people), return_exceptions=True)
    lost = [each for each in tries if isinstance(each, Locked)]
    (lock,) = await store.locks.held(T1)
    assert [each for each in tries if not isinstance(each, Locked)] == [lock]
    assert len(lost) == 7
    assert all(each.what == f"{lock.owner.name} has locked api in staging already." for each in lost)


async def test_ending_it_wakes_what_has_not_begun_there(store: Store) -> None:
    here, there = await add(store), await add(store, workspace=T2)
    lock = await take(store, GRACE)
    await end(store, lock, GRACE)
    leases = await store.work.claim(10)
    assert [each.key for each in leases] == [work_key(here.id)]
    assert work_key(there.id) not in {each.key for each in leases}


async def test_who_was_answered_that_it_is_locked_can_rely_on_it(database_url: str, clock: HandClock) -> None:
    """A slot is not taken beside a lock that is being taken; afterwards the lock is seen."""
    async with open_store(database_url, clock) as store, open_store(database_url, clock, "two") as other:
        asked = await add(store)

        async def slot(uow: UnitOfWork) -> None:
            assert await locked_out(uow, asked)

        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await take_lock(uow, TakeLock(STAGING, "incident 4711"), GRACE)
            taking = asyncio.create_task(within(other, slot))
            assert await waits(taking)
        await taking


async def test_who_joins_while_it_is_ended_is_not_forgotten(database_url: str, clock: HandClock) -> None:
    """The end is told to those on the list; whoever comes too late for that hears that it is free."""
    async with open_store(database_url, clock) as store, open_store(database_url, clock, "two") as other:
        lock = await take(store, ADA)
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await end_lock(uow, EndLock(lock), ADA)
            joining = asyncio.create_task(join(other, GRACE))
            assert await waits(joining)
        assert "is free already" in await joining
        assert await store.locks.waiters(T1) == ()


async def waits(task: asyncio.Task[Any]) -> bool:
    """Whether it has to wait for us."""
    done, _ = await asyncio.wait({task}, timeout=0.3)
    return not done


async def within(store: Store, act: Callable[[UnitOfWork], Awaitable[None]]) -> None:
    """In a unit of work of its own."""
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        await act(uow)


async def test_who_waits_is_told_once_in_the_order_they_came(store: Store, clock: HandClock) -> None:
    lock = await take(store, ADA)
    assert "Before you" not in await join(store, GRACE)
    clock.move(1)
    assert "Before you: @Grace." in await join(store, LINUS)
    clock.move(1)
    assert "Before you" not in await join(store, GRACE)  # she keeps her place
    assert [each.person for each in await store.locks.waiters(T1)] == [GRACE, LINUS]
    await end(store, lock, ADA)
    assert await told(store) == ["U2", "U3"]
    assert await store.locks.waiters(T1) == ()
    await end(store, await take(store, ADA), ADA)
    assert await told(store) == []


async def test_who_is_still_kept_out_by_another_lock_goes_on_waiting(store: Store) -> None:
    wide = await take(store, LINUS, Scope("api"))
    await take(store, ADA, Scope(None, "staging"))
    await join(store, GRACE)
    await end(store, wide, LINUS)
    assert await told(store) == []
    (lock,) = await store.locks.held(T1)
    await end(store, lock, ADA)
    assert await told(store) == ["U2"]


async def test_nobody_waits_for_what_is_free_or_their_own(store: Store) -> None:
    assert "is free already" in await join(store, GRACE)
    await take(store, GRACE)
    assert "is free already" in await join(store, GRACE)
    assert await store.locks.waiters(T1) == ()


async def test_whoever_holds_it_now_does_not_wait_for_it(store: Store, clock: HandClock) -> None:
    await take(store, ADA, STAGING, TWO_HOURS)
    await join(store, GRACE)
    clock.move(TWO_HOURS.total_seconds())
    await take(store, GRACE)
    assert await store.locks.waiters(T1) == ()


async def test_an_end_by_time_is_looked_at_when_somebody_waits_for_it(store: Store, clock: HandClock) -> None:
    await take(store, ADA, STAGING, TWO_HOURS)
    assert await store.work.next_due() is None
    await join(store, GRACE)
    assert await store.work.next_due() == TWO_HOURS
    await take(store, ADA, STAGING, timedelta(minutes=5))
    assert await store.work.next_due() == timedelta(minutes=5)
    clock.move(300)
    async with store.units.begin(T1, Step.TELL_WAITERS) as uow:
        await waiting.tell(uow)
    assert await told(store) == ["U2"]


async def test_a_broken_lock_is_told_to_its_owner(store: Store) -> None:
    lock = await take(store, ADA)
    await end(store, lock, GRACE, "Ada is away")
    assert await told(store) == ["U1"]
    records = b"".join([line async for line in store.audit.export(T1)])
    assert records.count(b"Ada is away") == 1


async def held_after(store: Store, kind: Kind = Kind.ROLLBACK) -> Deployment:
    """A rollback is verified, and its place is held for two hours."""
    async with store.units.begin(T1, Step.VERIFY) as uow:
        asked = new()
        back = await uow.deployments.add(replace(asked, wish=replace(asked.wish, kind=kind)))
        await hold(uow, back, TWO_HOURS, SHA_A)
    return back


async def out(store: Store, deployment: Deployment) -> bool:
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        return await locked_out(uow, deployment)


async def test_the_hold_after_a_rollback_spares_rollbacks_and_the_fix_that_was_judged(store: Store) -> None:
    back = await held_after(store)
    (lock,) = await store.locks.held(T1)
    assert (lock.scope, lock.owner, lock.reason) == (STAGING, SLIPWAY, "after rollback #1")
    assert (lock.until, lock.spares) == (NOON + TWO_HOURS, SHA_A)
    wanted = await add(store)
    assert await out(store, wanted)
    assert not await out(store, back)
    fix = replace(wanted, verdicts=(Verdict("lock", GateState.OPEN, "", seen=(lock.id,)),))
    assert not await out(store, fix)
    await held_after(store)
    assert await out(store, fix), "what it was judged by is another hold by now"


async def test_a_hold_ends_by_itself_and_whoever_waits_is_told(store: Store, clock: HandClock) -> None:
    await held_after(store)
    await join(store, GRACE)
    wanted = await add(store)
    clock.move(TWO_HOURS.total_seconds())
    assert not await out(store, wanted)
    async with store.units.begin(T1, Step.TELL_WAITERS) as uow:
        await waiting.tell(uow)
    assert await told(store) == ["U2"]


async def test_a_hold_takes_nobodys_lock_away_and_nobody_takes_it(store: Store) -> None:
    theirs = await take(store, ADA)
    await held_after(store)
    assert await store.locks.held(T1) == (theirs,)
    await end(store, theirs, ADA)
    await held_after(store)
    with pytest.raises(Locked, match="Slipway has locked api in staging already") as refused:
        await take(store, ADA)
    assert refused.value.next.startswith("An owner of the service ends it with `/unlock api staging`, or")
