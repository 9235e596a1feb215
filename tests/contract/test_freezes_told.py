"""Channels hear once of each freeze, whoever looks and however often somebody dies, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, select

from bot.core.catalog import Catalog, Environment
from bot.core.effects import Effect, Notice
from bot.core.frozen import SURE, Frozen
from bot.core.rules import RecurringFreeze, Right, Rights
from bot.core.steps import Step
from bot.core.subscriptions import FixedSubscription, Topic, made
from bot.engine.freezes import tell_of_freezes
from bot.engine.hearing import hear
from bot.engine.world import World
from bot.store.effects import read_effect
from bot.store.tables import outbox
from tests.contract.store_support import ADA, T1, T2, HandClock, open_store
from tests.fakes.forge import FakeForge
from tests.fakes.samples import SRE, catalog, policy, service
from tests.fakes.world import world_of

FRIDAY = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEKEND = RecurringFreeze("0 17 * * FRI", timedelta(hours=63), "Europe/London", "weekend")
RIGHTS = Rights(((Right.OVERRIDE_FREEZE, (SRE,)),))
FIXED = FixedSubscription("#fixed", made(["vault"], topics=[Topic.FREEZE]))


def frozen(*freezes: RecurringFreeze) -> Catalog:
    """Three services whose production rests at these times; of one not everybody may know."""
    places = (
        Environment("staging", policy()),
        Environment("production", policy(freezes=freezes, rights=RIGHTS)),
    )
    services = (
        service("api", *places),
        service("web", *places),
        service("vault", *places, visible_to=(SRE,)),
    )
    return replace(catalog(*services), subscriptions=(FIXED,))


@dataclass
class Town:
    """Some processes over one database, with one clock and one catalog."""

    url: str
    clock: HandClock
    opened: AsyncExitStack
    catalog: Catalog

    async def starts(self, name: str = "one") -> World:
        """A process that remembers nothing."""

        def known() -> Catalog:
            return self.catalog

        store = open_store(self.url, self.clock, name, hear=partial(hear, known))
        await self.opened.enter_async_context(store)
        self.store = store
        return world_of(store, FakeForge(self.clock), self.clock, known)

    async def subscribes(self, channel: str, *services: str, environment: str = "") -> None:
        wanted = made(services, [environment] if environment else [], [Topic.FREEZE])
        async with self.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.subscriptions.put(channel, "", wanted, ADA)

    def at(self, moment: datetime) -> None:
        self.clock.move((moment - self.clock.now()).total_seconds())

    async def told(self) -> dict[str, str]:
        """What each channel was told since this was last asked; one message each."""
        async with self.store.database.write() as connection:
            rows = (await connection.execute(select(outbox))).all()
            await connection.execute(delete(outbox))
        found: list[Effect] = [read_effect(row.kind, row.effect) for row in rows]
        notices = [each for each in found if isinstance(each, Notice)]
        assert len({each.channel for each in notices}) == len(notices)
        return {each.channel: each.text.plain() for each in notices}


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    async with AsyncExitStack() as opened:
        opened_town = Town(database_url, HandClock(FRIDAY - MINUTE), opened, frozen(WEEKEND))
        await opened_town.starts("keeper")
        await opened_town.store.register_workspace(T1, "Acme", "U0SLIPWAY1")
        yield opened_town


async def test_each_channel_has_one_message_with_what_it_hears_of(town: Town) -> None:
    world = await town.starts()
    await town.subscribes("C1")
    await town.subscribes("C2", "web")
    await town.subscribes("C3", "api", environment="staging")
    await town.subscribes("C4", "web", "api", environment="production")
    assert await tell_of_freezes(world) == 0
    town.at(FRIDAY)
    assert await tell_of_freezes(world) == 3
    told = await town.told()
    assert set(told) == {"C1", "C2", "C4", "#fixed"}
    assert "Frozen: production of api and web." in told["C1"]
    assert "Somebody of sre may let one pass" in told["C1"]
    assert "Frozen: production of web." in told["C2"]
    assert told["C4"] == told["C1"]
    assert "Frozen: production of vault." in told["#fixed"]
    assert "vault" not in "".join(told[each] for each in ("C1", "C2", "C4"))
    town.at(MONDAY)
    assert await tell_of_freezes(world) == 3
    assert "No longer frozen: production of api and web." in (await town.told())["C1"]


async def test_of_several_who_look_at_once_one_tells(town: Town) -> None:
    worlds = [await town.starts(name) for name in ("one", "two")]
    await town.subscribes("C1")
    for moment in (FRIDAY, MONDAY):
        town.at(moment)
        counts = await asyncio.gather(*(tell_of_freezes(each) for each in worlds * 3))
        assert sum(counts) == 3
        assert set(await town.told()) == {"C1", "#fixed"}


async def test_after_a_restart_nothing_is_told_again(town: Town) -> None:
    await town.subscribes("C1")
    town.at(FRIDAY)
    assert await tell_of_freezes(await town.starts("one")) == 3
    assert await tell_of_freezes(await town.starts("two")) == 0
    assert set(await town.told()) == {"C1", "#fixed"}


async def test_edits_of_the_catalog_are_told_once_and_when_they_last(town: Town) -> None:
    world = await town.starts()
    await town.subscribes("C1", "api")
    town.at(FRIDAY)
    await tell_of_freezes(world)
    await town.told()
    for catalog_, said in (
        (frozen(replace(WEEKEND, reason="we rest")), ""),
        (frozen(replace(WEEKEND, lasts=timedelta(hours=80))), "The freeze ends at another time"),
        (frozen(), "It ended early: it was to last until 2026-03-10 01:00 UTC."),
        (frozen(), ""),
    ):
        town.catalog = catalog_
        heard = []
        for _ in range(int(SURE / MINUTE) + 2):
            town.clock.move(60)
            await tell_of_freezes(world)
            heard += [text for channel, text in (await town.told()).items() if channel == "C1"]
        assert len(heard) == bool(said), heard
        assert said in "".join(heard)


async def test_what_left_the_catalog_is_forgotten_and_nobody_hears_of_it(town: Town) -> None:
    world = await town.starts()
    await town.subscribes("C1")
    town.at(FRIDAY)
    await tell_of_freezes(world)
    await town.told()
    town.catalog = catalog(service("web"))
    for _ in range(4):
        town.clock.move(60)
        await tell_of_freezes(world)
    assert await world.frozen.of(T1) == ()
    told = await town.told()
    assert set(told) == {"C1"}
    assert "No longer frozen: production of web." in told["C1"]


async def test_a_row_changes_only_from_what_was_read(town: Town) -> None:
    one = Frozen("api", "production", FRIDAY, MONDAY)
    doubted = replace(one, doubted=FRIDAY + MINUTE)
    for workspace, before, after, done in (
        (T1, None, one, True),
        (T2, None, one, True),
        (T1, None, one, False),
        (T1, doubted, one, False),
        (T1, one, doubted, True),
        (T1, one, None, False),
        (T1, doubted, None, True),
        (T1, None, None, False),
    ):
        async with town.store.units.begin(workspace, Step.TELL_OF_FREEZES) as uow:
            assert await uow.frozen.swap(before, after) is done
    assert await town.store.frozen.of(T1) == ()
    assert await town.store.frozen.of(T2) == (one,)


async def test_what_was_not_committed_was_not_told(town: Town) -> None:
    await town.subscribes("C1")
    town.at(FRIDAY)
    world = await town.starts()
    with pytest.raises(ZeroDivisionError):
        async with town.store.units.begin(T1, Step.TELL_OF_FREEZES) as uow:
            assert await uow.frozen.swap(None, Frozen("api", "production", FRIDAY, MONDAY))
            raise ZeroDivisionError
    assert await tell_of_freezes(world) == 3
    assert "C1" in await town.told()
