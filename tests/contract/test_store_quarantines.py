"""Quarantined releases, on both databases: one for each release and scope, lifted once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.intents import LiftQuarantine, PutQuarantine
from bot.core.locks import Scope
from bot.core.overrides import Overridable, Override
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.values import Actor, ActorKind, Sha
from bot.engine.quarantining import kept_out, lift, put
from bot.engine.world import work_key
from bot.store.store import Store
from tests.contract.store_support import (
    ADA,
    NOON,
    SHA_A,
    SHA_B,
    T1,
    T2,
    HandClock,
    add,
    open_store,
    resolution,
)
from tests.contract.test_store_locks import waits

GRACE = Actor(ActorKind.PERSON, "U2", "Grace")
STAGING = Scope("api", "staging")


async def kept(
    store: Store, actor: Actor = ADA, scope: Scope = STAGING, sha: Sha = SHA_A, *, workspace: str = T1
) -> Quarantine:
    """As the command does it."""
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        return await put(uow, PutQuarantine(scope, sha, "v1.4.2", "it corrupts carts"), actor)


async def test_it_is_kept_as_it_was_put(store: Store) -> None:
    first = await kept(store)
    wider = await kept(store, GRACE, Scope("api"))
    assert await store.quarantines.held(T1) == (first, wider)
    assert await store.quarantines.held(T2) == ()
    assert (first.scope, first.sha, first.ref) == (STAGING, SHA_A, "v1.4.2")
    assert (first.by, first.reason, first.since) == (ADA, "it corrupts carts", NOON)
    assert wider.scope == Scope("api", None)
    other = await kept(store, workspace=T2)
    assert await store.quarantines.held(T2) == (other,)


async def test_the_first_one_stands(store: Store) -> None:
    first = await kept(store)
    with pytest.raises(UserError, match="is quarantined already") as told:
        await kept(store, GRACE)
    assert "it corrupts carts" in told.value.why
    assert await store.quarantines.held(T1) == (first,)
    answers = await asyncio.gather(
        *(kept(store, actor, sha=SHA_B) for actor in (ADA, GRACE)), return_exceptions=True
    )
    assert len([each for each in answers if isinstance(each, UserError)]) == 1
    assert len(await store.quarantines.held(T1)) == 2


async def test_it_is_lifted_once_and_whoever_put_it_there_is_told(store: Store) -> None:
    first = await kept(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await lift(uow, LiftQuarantine(first, "the data was at fault"), GRACE)
    assert await store.quarantines.held(T1) == ()
    (parcel,) = await store.outbox.claim(50)
    assert isinstance(parcel.effect, Tell)
    assert parcel.effect.person == ADA.id
    assert "the data was at fault" in parcel.effect.text.plain()
    with pytest.raises(UserError, match="any more"):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await lift(uow, LiftQuarantine(first, "again"), GRACE)
    trail = [str(each) async for each in store.audit.export(T1)]
    assert ["ReleaseQuarantined" in trail[0], "QuarantineLifted" in trail[1], len(trail)] == [True, True, 2]


async def test_what_waits_there_is_looked_at_again(store: Store) -> None:
    waiting = await add(store)
    await add(store, environment="production")
    assert await store.work.claim(10) == ()
    await kept(store)
    assert [lease.key for lease in await store.work.claim(10)] == [work_key(waiting.id)]


async def keeps_out(store: Store, deployment: Deployment) -> bool:
    """As the slot is taken."""
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        return await kept_out(uow, deployment)


async def test_what_was_quarantined_since_it_was_judged_takes_no_slot(
    store: Store, database_url: str, clock: HandClock
) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        ready = replace(asked, resolution=resolution(), digest="d1")
        assert not await kept_out(uow, ready)
    async with open_store(database_url, clock, "two") as other:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            first = await put(uow, PutQuarantine(STAGING, SHA_A, "v1.4.2", "it corrupts carts"), ADA)
            taking = asyncio.create_task(keeps_out(other, ready))
            assert await waits(taking)  # whoever was answered that it is kept out can rely on it
        assert await taking
    word = Override(Overridable.QUARANTINE, "U2", "Grace", "d1", NOON, "no carts here", (first.id,))
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        assert await kept_out(uow, ready)
        assert not await kept_out(uow, replace(ready, overrides=(word,)))
        assert await kept_out(uow, replace(ready, overrides=(replace(word, digest="d0"),)))
        assert await kept_out(uow, replace(ready, overrides=(replace(word, held=("q0",)),)))
