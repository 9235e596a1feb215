"""In the commit in which something happens, channels that hear of it get their effect, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete, select

from bot.core.catalog import Catalog, Environment
from bot.core.effects import Announce, Announcement, Effect, Notice, ShowCard
from bot.core.intents import EndLock, TakeLock
from bot.core.lifecycle import Trigger
from bot.core.locks import Scope
from bot.core.records import Deployment, NewDeployment
from bot.core.steps import Step
from bot.core.subscriptions import Filter, FixedSubscription, Topic, made
from bot.core.values import Kind
from bot.engine.changes import move
from bot.engine.hearing import hear
from bot.engine.locking import end_lock, take_lock
from bot.store.effects import read_effect
from bot.store.store import Store
from bot.store.tables import outbox
from tests.contract.store_support import (
    ADA,
    T1,
    T2,
    TO_RUNNING,
    HandClock,
    follow,
    new,
    open_store,
    request,
    resolution,
)
from tests.fakes.samples import SRE, catalog, policy, service

FIXED = (
    FixedSubscription("#fixed", made(["vault"], topics=Topic)),
    FixedSubscription("#everything", made(topics=Topic)),
    FixedSubscription("#named", made(["api"], topics=[Topic.STARTED])),
)
CELLAR = Environment("cellar", policy())  # of the hidden service alone
VAULT = service("vault", *service().environments, CELLAR, visible_to=(SRE,))
KNOWN = replace(catalog(service(), service("web"), VAULT), subscriptions=FIXED)


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[Store]:
    def known() -> Catalog:
        return KNOWN

    async with open_store(database_url, clock, hear=partial(hear, known)) as opened:
        yield opened


async def subscribe(store: Store, channel: str, filter: Filter, name: str = "", workspace: str = T1) -> None:
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        await uow.subscriptions.put(channel, name, filter, ADA)


async def takes(store: Store, *triggers: Trigger, wanted: NewDeployment | None = None) -> Deployment:
    """One more deployment takes these steps, the last one as a pass does it, and each effect is taken."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        deployment = await uow.deployments.add(wanted or new())
        frozen = replace(deployment, resolution=resolution(), request=request(deployment))
        deployment = await uow.deployments.save(frozen)
        deployment = await follow(uow, deployment, *triggers[:-1])
    await heard(store)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        found = await uow.deployments.get(deployment.id)
        await uow.deployments.save(replace(found, attempted_at=uow.now))
        return await move(uow, await uow.deployments.get(deployment.id), triggers[-1], "why")


async def heard(store: Store) -> list[Effect]:
    """All that waits for other channels, in any order in which it may go; it is taken."""
    async with store.database.write() as connection:
        rows = (await connection.execute(select(outbox).where(outbox.c.channel.is_not(None)))).all()
        await connection.execute(delete(outbox))
    return [read_effect(row.kind, row.effect) for row in rows]


def channels(effects: Sequence[Effect]) -> set[str]:
    return {each.channel for each in effects if isinstance(each, ShowCard | Announce | Notice)}


async def test_a_failure_is_heard_by_who_asked_for_it(store: Store) -> None:
    await subscribe(store, "C1", made(["api"]))
    await subscribe(store, "C2", made(["web"]))
    await subscribe(store, "C3", made(["api"], ["production"]))
    await subscribe(store, "C4", made(["api"], branches=["main"]))
    await subscribe(store, "C5", made(["api"], branches=["release/*"]))
    await subscribe(store, "C6", made(["api"], topics=[Topic.SUCCESS]))
    await subscribe(store, "C9", made(["api"]))  # the card itself stands there
    await subscribe(store, "C7", made(["api"]), workspace=T2)
    await subscribe(store, "C8", made(["api"], workflows=["deploy"]))
    await subscribe(store, "C10", made(["api"], workflows=["ci.yml"]))
    failed = await takes(store, *TO_RUNNING, Trigger.RUN_FAILED)
    found = await heard(store)
    assert channels(found) == {"C1", "C4", "C8", "#everything"}
    for channel in channels(found):
        assert {ShowCard(failed.id, channel), Announce(failed.id, Announcement.FAILED, channel)} <= set(found)


async def test_nothing_is_heard_of_what_was_not_committed(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            deployment = await uow.deployments.add(new())
            await uow.show(Announce(deployment.id, Announcement.APPROVAL))
            raise ZeroDivisionError
    assert await heard(store) == []


async def test_a_hidden_service_is_heard_where_the_catalog_names_it(store: Store) -> None:
    await subscribe(store, "C1", made(topics=Topic))
    await subscribe(store, "C2", made(["vault"], topics=Topic))  # it was open when they asked
    await takes(store, *TO_RUNNING, wanted=new("vault"))
    assert channels(await heard(store)) == {"#fixed"}


async def test_what_has_left_the_catalog_is_not_heard(store: Store) -> None:
    await subscribe(store, "C1", made(topics=Topic))
    await takes(store, *TO_RUNNING, wanted=new("gone"))
    assert await heard(store) == []


async def test_a_channel_that_both_name_hears_it_once(store: Store) -> None:
    await subscribe(store, "C1", made(["api"], topics=[Topic.STARTED, Topic.SUCCESS]), "#named")
    await takes(store, *TO_RUNNING)
    assert sorted(channels(await heard(store))) == ["#everything", "C1"]


async def test_one_that_is_off_is_silent(store: Store) -> None:
    await subscribe(store, "C1", made(topics=Topic))
    async with store.units.begin(T1, Step.CLOSE_CHANNEL) as uow:
        await uow.subscriptions.switch_off("C1", "it was archived")
    await takes(store, *TO_RUNNING)
    assert "C1" not in channels(await heard(store))


async def test_it_has_recovered_where_the_last_one_there_failed(store: Store, clock: HandClock) -> None:
    await subscribe(store, "C1", made(topics=[Topic.RECOVERED]))
    ends = (*TO_RUNNING, Trigger.RUN_SUCCEEDED, Trigger.VERIFY)
    for number, triggers in enumerate((ends, (*TO_RUNNING, Trigger.RUN_FAILED), ends, ends)):
        deployment = await takes(store, *triggers)
        found = set(await heard(store))
        wanted = {ShowCard(deployment.id, "C1"), Announce(deployment.id, Announcement.RECOVERED, "C1")}
        assert (wanted <= found) == (number == 2)
        clock.move(60)


async def test_a_restored_database_says_nothing_of_the_release(store: Store, clock: HandClock) -> None:
    """Nor does one that failed: no release came or went with it."""
    await subscribe(store, "C1", made(topics=[Topic.RECOVERED]))
    ends = (*TO_RUNNING, Trigger.RUN_SUCCEEDED, Trigger.VERIFY)
    fails, restore = (*TO_RUNNING, Trigger.RUN_FAILED), new()
    restore = replace(restore, wish=replace(restore.wish, kind=Kind.RESTORE))
    plays = ((None, fails), (restore, ends), (None, ends), (restore, fails), (None, ends))
    told = []
    for wanted, triggers in plays:
        await takes(store, *triggers, wanted=wanted)
        told.append("C1" in channels(await heard(store)))
        clock.move(60)
    assert told == [False, False, True, False, False]


async def test_a_rollback_that_mends_it_is_one_reply(store: Store, clock: HandClock) -> None:
    await subscribe(store, "C1", made())
    await takes(store, *TO_RUNNING, Trigger.RUN_FAILED)
    clock.move(60)
    back = new()
    back = replace(back, wish=replace(back.wish, kind=Kind.ROLLBACK))
    deployment = await takes(store, *TO_RUNNING, Trigger.RUN_SUCCEEDED, Trigger.VERIFY, wanted=back)
    said = [each.what for each in await heard(store) if isinstance(each, Announce) and each.channel == "C1"]
    assert (deployment.wish.kind, said) == (Kind.ROLLBACK, [Announcement.RECOVERED])


async def test_a_lock_is_heard_where_it_could_matter(store: Store) -> None:
    await subscribe(store, "C1", made(topics=[Topic.LOCK]))
    await subscribe(store, "C2", made(["web"], ["staging"], [Topic.LOCK]))
    await subscribe(store, "C3", made(["api"], ["production"], [Topic.LOCK]))
    await subscribe(store, "C4", made(["api"]))
    for scope, wanted in (
        (Scope(None, "staging"), {"C1", "C2", "#everything", "#fixed"}),
        (Scope("api"), {"C1", "C3", "#everything"}),
        (Scope("vault"), {"#fixed"}),
        (Scope(None, "cellar"), {"#fixed"}),
    ):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await take_lock(uow, TakeLock(scope, "incident 4711"), ADA)
        assert channels(await heard(store)) == wanted
        (lock,) = await store.locks.held(T1)
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await end_lock(uow, EndLock(lock), ADA)
        assert channels(await heard(store)) == wanted
