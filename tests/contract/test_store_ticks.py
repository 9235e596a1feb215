"""Ticks under the lock of the request's row, on both databases: of two at once, one is told so."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.errors import UserError
from bot.core.intents import TickItem
from bot.core.lifecycle import Trigger
from bot.core.records import Deployment
from bot.core.rules import Checklist, Tick
from bot.core.steps import Step
from bot.core.values import Actor, ActorKind
from bot.engine.ticking import tick
from bot.engine.world import work_key
from bot.store.store import Store
from tests.contract.store_support import ADA, NOON, T1, HandClock, add, follow, request, resolution
from tests.fakes.samples import catalog, policy, service

GRACE = Actor(ActorKind.PERSON, "U2", "Grace")
ITEMS = ("backup verified", "team told")


def known() -> Catalog:
    rules = policy(checklist=Checklist(before=tuple(map(Tick, ITEMS)), after=(Tick("metrics watched"),)))
    return catalog(service("api", Environment("staging", rules)))


async def waiting(store: Store) -> Deployment:
    """It was resolved, and waits."""
    asked = await add(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        frozen = replace(asked, resolution=resolution(), request=request(asked), digest="d1")
        return await follow(uow, await uow.deployments.save(frozen), Trigger.RESOLVE)


async def ticks(store: Store, actor: Actor, item: str, *, done: bool = True, digest: str = "d1") -> None:
    """As a press does it."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        found = await uow.deployments.by_number(1)
        assert found is not None
        held = await uow.deployments.get(found.id)
        await tick(uow, held, TickItem(1, digest, item, done), actor, known())


async def standing(store: Store) -> set[tuple[str, str]]:
    found = await store.queries.deployment(T1, 1)
    assert found is not None
    return {(each.item, each.name) for each in found.ticks}


async def test_of_two_who_tick_at_once_one_is_told_so(store: Store) -> None:
    await waiting(store)
    answers = await asyncio.gather(
        *(ticks(store, actor, ITEMS[0]) for actor in (ADA, GRACE)), return_exceptions=True
    )
    (refused,) = [each for each in answers if each is not None]
    assert isinstance(refused, UserError)
    assert "already" in refused.what
    ((item, name),) = await standing(store)
    assert (item, name in refused.what) == (ITEMS[0], True)


async def test_none_is_lost_where_two_tick_two_items(store: Store) -> None:
    asked = await waiting(store)
    await store.work.claim(10)
    await asyncio.gather(ticks(store, ADA, ITEMS[0]), ticks(store, GRACE, ITEMS[1]))
    assert await standing(store) == {(ITEMS[0], "Ada"), (ITEMS[1], "Grace")}
    assert [lease.key for lease in await store.work.claim(10)] == [work_key(asked.id)]
    await ticks(store, GRACE, ITEMS[0], done=False)
    assert await standing(store) == {(ITEMS[1], "Grace")}
    trail = [str(each) async for each in store.audit.export(T1)]
    assert "ItemUnticked" in trail[-1]
    assert "Ada" in trail[-1]


@pytest.mark.parametrize(
    ("item", "done", "digest", "told"),
    [
        (ITEMS[0], False, "d1", "is not ticked"),
        (ITEMS[0], True, "d0", "was meant for another #1"),
        ("rewritten since", True, "d1", "can't be ticked on #1 now"),
        ("metrics watched", True, "d1", "can't be ticked on #1 now"),
    ],
)
async def test_what_does_not_stand_there_is_not_ticked(
    store: Store, item: str, done: bool, digest: str, told: str
) -> None:
    await waiting(store)
    with pytest.raises(UserError, match=told):
        await ticks(store, ADA, item, done=done, digest=digest)
    assert await standing(store) == set()


async def test_what_has_expired_or_opened_is_not_ticked(store: Store, clock: HandClock) -> None:
    asked = await waiting(store)
    clock.move(3600)
    with pytest.raises(UserError, match="has expired"):
        await ticks(store, ADA, ITEMS[0])
    clock.move(-3600)
    assert clock.now() == NOON
    async with store.units.begin(T1, Step.JUDGE_GATES) as uow:
        await follow(uow, await uow.deployments.get(asked.id), Trigger.OPEN_GATES)
    with pytest.raises(UserError, match="now"):
        await ticks(store, ADA, ITEMS[0])
