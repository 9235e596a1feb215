"""Subscriptions on both databases: once for each channel and wording, and every workspace has its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.intents import CloseChannel, Subscribe, Unsubscribe
from bot.core.steps import Step
from bot.core.subscriptions import Filter, Subscription, Topic, made
from bot.core.values import Actor, ActorKind
from bot.engine.subscribing import pass_on, subscribe, switch_off, unsubscribe
from bot.store.store import Store
from tests.contract.store_support import ADA, NOON, T1, T2, HandClock, open_store

GRACE = Actor(ActorKind.PERSON, "U2", "Grace")
API, WEB = made(["api"]), made(["web"], ["staging"], [Topic.LOCK], ["main"])


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with open_store(database_url, HandClock()) as opened:
        yield opened


async def make(store: Store, filter: Filter = API, actor: Actor = ADA, channel: str = "C1") -> None:
    """As the command does it."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await subscribe(uow, Subscribe(channel, "#one", filter), actor)


async def kept(store: Store, workspace: str = T1) -> tuple[Subscription, ...]:
    return await store.subscriptions.subscriptions(workspace)


async def told(store: Store) -> dict[str, str]:
    """Who got a direct message; it is taken."""
    parcels = await store.outbox.claim(50)
    for parcel in parcels:
        await store.outbox.delivered(parcel, None)
    tells = [each.effect for each in parcels if isinstance(each.effect, Tell)]
    return {each.person: each.text.plain() for each in tells}


async def closed(store: Store) -> dict[str, str]:
    """The channel is found to be archived; who is told."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await switch_off(uow, CloseChannel("C1", "it was archived"))
    return await told(store)


async def test_they_come_back_as_they_were_made(store: Store) -> None:
    await make(store)
    await make(store, WEB, GRACE, "C2")
    assert await kept(store) == (
        Subscription(1, "C1", "#one", API, ADA, NOON),
        Subscription(2, "C2", "#one", WEB, GRACE, NOON),
    )
    assert await kept(store, T2) == ()


async def test_the_same_again_is_refused_and_the_first_one_stands(store: Store) -> None:
    await make(store)
    with pytest.raises(UserError, match="hears of that already"):
        await make(store, actor=GRACE)
    await make(store, channel="C2")
    assert [(each.channel, each.maker.name) for each in await kept(store)] == [("C1", "Ada"), ("C2", "Ada")]


async def test_who_made_it_is_told_when_somebody_else_ends_it(store: Store) -> None:
    await make(store)
    await make(store, WEB)
    first, second = await kept(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await unsubscribe(uow, Unsubscribe(first), ADA)
        await unsubscribe(uow, Unsubscribe(second), GRACE)
    assert await kept(store) == ()
    assert "Grace has ended your subscription of #one: `web" in (await told(store))["U1"]
    with pytest.raises(UserError, match="is no more"):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await unsubscribe(uow, Unsubscribe(second), GRACE)


async def test_a_closed_channel_switches_them_off_and_each_maker_hears_of_it_once(store: Store) -> None:
    await make(store)
    await make(store, WEB)
    await make(store, made(["worker"]), GRACE)
    await make(store, channel="C2")
    heard, again = [await closed(store) for _ in range(2)]
    assert (set(heard), again) == ({"U1", "U2"}, {})
    assert heard["U1"].count("Off from now on") == 2
    assert [(each.number, each.off) for each in await kept(store)] == [
        (1, "it was archived"),
        (2, "it was archived"),
        (3, "it was archived"),
        (4, ""),
    ]
    await make(store, actor=GRACE)  # on again, and hers
    first = (await kept(store))[0]
    assert (first.number, first.maker, first.off) == (1, GRACE, "")


async def test_those_of_somebody_who_left_pass_to_the_owners(store: Store) -> None:
    await make(store)
    await make(store, made())
    await make(store, actor=GRACE, channel="C2")
    async with store.units.begin(T1, Step.OFF_BOARD) as uow:
        assert await pass_on(uow, ADA) == 2
        assert await pass_on(uow, ADA) == 0
    makers = [each.maker for each in await kept(store)]
    assert [(each.kind, each.id) for each in makers] == [
        (ActorKind.OWNERS, "api"),
        (ActorKind.OWNERS, ""),
        (ActorKind.PERSON, "U2"),
    ]


async def test_who_made_one_is_looked_at_when_they_may_have_left(store: Store) -> None:
    await make(store, actor=GRACE)
    assert await store.archive.involved(T1) == {"U2": ()}
