"""What people choose, on both databases: what they are told of their own ends, what waits for the morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time, timedelta

import pytest

from bot.core.effects import Tell, TellEnd, TellLater
from bot.core.errors import UserError
from bot.core.lifecycle import Trigger
from bot.core.my_settings import (
    NIGHT,
    USUAL,
    Change,
    Mentions,
    MySettings,
    OwnEnds,
    QuietFrom,
    QuietHours,
    QuietSwitch,
    QuietUntil,
)
from bot.core.my_settings_intents import ChangeMine
from bot.core.records import Parcel
from bot.core.steps import Step
from bot.core.text import line
from bot.core.values import Actor, ActorKind
from bot.engine.my_settings import change_mine, tell_ends
from bot.store.quieting import GRACE
from bot.store.store import Store
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
    open_store,
)

GRACE_H = Actor(ActorKind.PERSON, "U2", "Grace")
MORNING = NOON + timedelta(hours=8)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[Store]:
    async def hear(uow, recorded, effects) -> None:  # type: ignore[no-untyped-def]  # noqa: ARG001
        await tell_ends(uow, [event for event, _ in recorded])

    async with open_store(database_url, clock, hear=hear) as opened:
        yield opened


async def choose(store: Store, *changes: Change, actor: Actor = ADA, workspace: str = T1) -> None:
    """As the home tab does it."""
    for change in changes:
        async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
            await change_mine(uow, ChangeMine(change), actor)


async def chosen(store: Store, person: str = "U1", workspace: str = T1) -> MySettings:
    return (await store.my_settings.settings(workspace, [person]))[person]


async def test_they_come_back_as_they_were_chosen_by_each_in_each_workspace(store: Store) -> None:
    assert await chosen(store) == USUAL
    await choose(store, Mentions.NEEDED, OwnEnds.FAILURES, QuietFrom(time(21, 30)), QuietUntil(time(6)))
    await choose(store, Mentions.NEVER, actor=GRACE_H)
    hours = QuietHours(time(21, 30), time(6))
    assert await chosen(store) == MySettings(Mentions.NEEDED, OwnEnds.FAILURES, hours)
    assert await chosen(store, "U2") == MySettings(Mentions.NEVER)
    assert await chosen(store, workspace=T2) == USUAL
    await choose(store, QuietSwitch.OFF)
    assert (await chosen(store)).quiet is None
    assert await store.my_settings.settings(T1, []) == {}


async def test_what_makes_no_sense_changes_nothing(store: Store) -> None:
    await choose(store, QuietSwitch.ON)
    with pytest.raises(UserError):
        await choose(store, QuietFrom(NIGHT.ends))
    assert (await chosen(store)).quiet == NIGHT


async def test_who_left_has_none(store: Store) -> None:
    await choose(store, Mentions.NEVER)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.my_settings.forget("U1")
        assert await uow.my_settings.of("U1") == USUAL


async def test_an_end_is_told_once_to_who_wants_it(store: Store) -> None:
    for wanted, triggers, told in (
        (OwnEnds.NEVER, TO_SUCCEEDED, 0),
        (OwnEnds.FAILURES, TO_SUCCEEDED, 0),
        (OwnEnds.FAILURES, (*TO_RUNNING, Trigger.RUN_FAILED), 1),
        (OwnEnds.ALWAYS, TO_SUCCEEDED, 1),
    ):
        await choose(store, wanted)
        deployment = await add(store)
        async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
            await follow(uow, await uow.deployments.get(deployment.id), *triggers)
        found = [each.effect for each in await taken(store) if isinstance(each.effect, TellEnd)]
        assert found == [TellEnd(deployment.id, "U1")] * told, (wanted, triggers)


async def news(store: Store, words: str) -> None:
    async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
        await uow.show(Tell("U1", line(words)))


async def taken(store: Store) -> tuple[Parcel, ...]:
    parcels = await store.outbox.claim(50)
    for each in parcels:
        await store.outbox.delivered(each, None)
    return parcels


async def test_what_waits_is_one_message_in_the_morning(store: Store, clock: HandClock) -> None:
    told = ("one", "two", "three")
    for words in told:
        await news(store, words)
        [parcel] = await store.outbox.claim(5)
        await store.outbox.hold_back(parcel, MORNING)
        clock.move(60)
    assert await store.outbox.claim(5) == ()
    assert await store.dead_letters.all(5) == ()
    clock.move((MORNING - clock.now()).total_seconds())
    assert await store.outbox.claim(5) == (), "what was held back in a commit that takes a moment"
    clock.move(GRACE.total_seconds())
    [later] = await taken(store)
    assert later.effect == TellLater("U1", tuple(Tell("U1", line(each)) for each in told))
    assert await store.outbox.claim(5) == ()


async def test_of_each_person_and_workspace_by_itself(store: Store, clock: HandClock) -> None:
    for workspace, person in ((T1, "U1"), (T1, "U2"), (T2, "U1")):
        async with store.units.begin(workspace, Step.RECORD_PROGRESS) as uow:
            await uow.show(Tell(person, line(f"for {person} of {workspace}")))
    for parcel in await store.outbox.claim(5):
        await store.outbox.hold_back(parcel, MORNING)
    clock.move(9 * 3600)
    found = {(each.workspace, each.effect) for each in await taken(store)}
    assert found == {
        (workspace, TellLater(person, (Tell(person, line(f"for {person} of {workspace}")),)))
        for workspace, person in ((T1, "U1"), (T1, "U2"), (T2, "U1"))
    }


async def test_longer_hours_keep_the_message_itself_waiting(store: Store, clock: HandClock) -> None:
    await news(store, "news")
    [parcel] = await store.outbox.claim(5)
    await store.outbox.hold_back(parcel, MORNING)
    clock.move(9 * 3600)
    [later] = await store.outbox.claim(5)
    await store.outbox.hold_back(later, MORNING + timedelta(hours=3))
    assert await store.outbox.claim(5) == ()
    clock.move(3 * 3600)
    [again] = await taken(store)
    assert again.effect == later.effect
    assert again.effect == TellLater("U1", (Tell("U1", line("news")),))


async def test_what_was_held_back_after_the_end_is_not_lost(store: Store, clock: HandClock) -> None:
    """The message of those hours may have been said already."""
    await news(store, "first")
    [first] = await store.outbox.claim(5)
    await store.outbox.hold_back(first, MORNING)
    clock.move(8 * 3600 + 6)
    [said] = await taken(store)
    await news(store, "second")
    [second] = await store.outbox.claim(5)
    await store.outbox.hold_back(second, MORNING)
    clock.move(GRACE.total_seconds())
    [late] = await taken(store)
    assert said.effect == TellLater("U1", (Tell("U1", line("first")),))
    assert late.effect == TellLater("U1", (Tell("U1", line("second")),))
