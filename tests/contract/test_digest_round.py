"""Who looks when, and how often: each digest is put into the outbox once for its slot, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.catalog import Catalog, DigestMessage, Every, Weekday
from bot.core.effects import Effect, PostDigest, Tell
from bot.core.errors import ChannelClosed, Transient
from bot.core.lifecycle import Trigger
from bot.core.schedules import Schedule, Window
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.digesting import DigestRound
from bot.store.store import Store
from tests.contract.store_support import ADA, T1, TO_RUNNING, HandClock, follow, new, open_store, rows
from tests.fakes.chat import FakeChannels
from tests.fakes.samples import catalog

DAILY = Schedule(Every.DAY, time(9), "Europe/London")
NINE = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday, in winter
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
CHANNEL = "C0DEPLOYS1"


@dataclass
class Town:
    """Some processes over one database, with one clock."""

    url: str
    clock: HandClock
    opened: AsyncExitStack
    catalog: Catalog = field(default_factory=catalog)
    channels: FakeChannels = field(default_factory=lambda: FakeChannels(names={CHANNEL: "#deploys"}))
    stores: list[Store] = field(default_factory=list)

    async def starts(self, name: str = "one") -> DigestRound:
        """A process that remembers nothing."""
        store = await self.opened.enter_async_context(open_store(self.url, self.clock, name))
        self.stores.append(store)
        reads = (store.queries, store.happenings, self.channels, lambda: self.catalog)
        return DigestRound(store.units, store.queries, store.digests, *reads)

    @property
    def store(self) -> Store:
        return self.stores[0]

    def at(self, moment: datetime) -> None:
        self.clock.move((moment - self.clock.now()).total_seconds())

    async def deploys(self, at: datetime) -> None:
        """Something to tell."""
        self.at(at)
        async with self.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await follow(uow, await uow.deployments.add(new()), *TO_RUNNING, Trigger.RUN_FAILED)

    async def posted(self) -> list[PostDigest]:
        """What was put into the outbox since it was last asked for."""
        return [each for each in await self.effects() if isinstance(each, PostDigest)]

    async def effects(self) -> list[Effect]:
        parcels = await self.store.outbox.claim(50)
        for parcel in parcels:
            await self.store.outbox.delivered(parcel, None)
        return [each.effect for each in parcels]


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    """A channel that wants a digest each day, and something that was deployed."""
    async with AsyncExitStack() as opened:
        made = Town(database_url, HandClock(NINE - 2 * DAY), opened)
        await made.starts("keeper")
        await made.store.register_workspace(T1, "Acme", "U0SLIPWAY1")
        async with made.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.digests.put(CHANNEL, DAILY, (), ADA)
        await made.deploys(NINE - timedelta(hours=5))
        yield made


async def test_it_is_posted_once_at_its_time(town: Town) -> None:
    one = await town.starts()
    counts = []
    for seconds in (-60, -1, 0, 1, 60, 3600):
        town.at(NINE + timedelta(seconds=seconds))
        counts.append(await one.look())
    assert counts == [0, 0, 1, 0, 0, 0]
    (posted,) = await town.posted()
    assert (posted.channel, posted.job) == (CHANNEL, f"digest/{CHANNEL}/day")
    assert posted.window == Window(NINE - DAY, NINE)
    assert (posted.schedule, posted.by) == (DAILY, ADA.id)


@pytest.mark.parametrize("restart", [-1, 0, 1])
async def test_a_restart_around_its_time_changes_nothing(town: Town, restart: int) -> None:
    before = await town.starts()
    for seconds in (-61, -60, restart - 1):
        town.at(NINE + timedelta(seconds=seconds))
        await before.look()
    after = await town.starts("another")
    for seconds in (restart, restart + 1, 60, 61):
        town.at(NINE + timedelta(seconds=seconds))
        await after.look()
    assert len(await town.posted()) == 1


async def test_after_a_pause_it_comes_late_and_tells_of_the_same_window(town: Town) -> None:
    one = await town.starts()
    town.at(NINE - 30 * MINUTE)
    assert await one.look() == 0
    town.at(NINE + 90 * MINUTE)
    assert await one.look() == 1
    (posted,) = await town.posted()
    assert posted.window == Window(NINE - DAY, NINE)


async def test_after_a_long_pause_it_does_not_come(town: Town) -> None:
    one = await town.starts()
    town.at(NINE - 30 * MINUTE)
    assert await one.look() == 0
    town.at(NINE + 3 * 60 * MINUTE)
    assert await one.look() == 0
    assert await town.posted() == []


async def test_of_many_processes_one_posts_it(town: Town) -> None:
    several = [await town.starts(str(each)) for each in range(4)]
    town.at(NINE)
    assert sum(await asyncio.gather(*(each.look() for each in several * 2))) == 1
    assert len(await town.posted()) == 1


async def test_it_is_silent_when_nothing_happened(town: Town) -> None:
    one = await town.starts()
    town.at(NINE + DAY)
    assert await one.look() == 0
    await town.deploys(NINE + DAY + MINUTE)
    town.at(NINE + DAY + 2 * MINUTE)
    assert await one.look() == 0  # that belongs to the next one
    assert await town.posted() == []
    town.at(NINE + 2 * DAY)
    assert await one.look() == 1


async def test_nobody_is_told_of_what_came_before_they_wished_for_it(town: Town) -> None:
    one = await town.starts()
    town.at(NINE + 10 * MINUTE)
    async with town.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.digests.put(CHANNEL, DAILY, (), ADA)
    assert await one.look() == 0


async def test_a_snoozed_one_is_left_out_and_the_next_comes(town: Town) -> None:
    one = await town.starts()
    async with town.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await uow.digests.snooze(f"digest/{CHANNEL}/day", NINE + DAY)
    town.at(NINE)
    assert await one.look() == 0
    await town.deploys(NINE + MINUTE)
    town.at(NINE + DAY)
    assert await one.look() == 1


async def test_the_catalog_asks_for_digests_as_well(town: Town) -> None:
    weekly = DigestMessage("#deploys", Every.WEEK, time(9), "Europe/London", Weekday.MONDAY, ("api",))
    town.catalog = replace(town.catalog, digests=(weekly, weekly))
    one = await town.starts()
    town.at(NINE)
    assert await one.look() == 2
    channels = {(each.channel, each.by_catalog) for each in await town.posted()}
    assert channels == {(CHANNEL, False), ("#deploys", True)}


async def test_one_that_fails_to_be_read_comes_a_minute_later_and_holds_nobody_up(town: Town) -> None:
    one = await town.starts()
    town.at(NINE)
    town.channels.fails = Transient("it does not answer.", system="Slack")
    assert await one.look() == 0
    town.channels.fails = None
    town.at(NINE + MINUTE)
    assert await one.look() == 1


async def test_one_whose_channel_is_gone_ends_before_anything_is_posted(town: Town) -> None:
    one = await town.starts()
    town.at(NINE)
    town.channels.fails = ChannelClosed("Nothing can be posted there.", "Slack says channel_not_found.")
    assert await one.look() == 0
    assert await one.look() == 0
    (told,) = [each for each in await town.effects() if isinstance(each, Tell)]
    assert told.person == ADA.id
    assert await town.store.digests.asked(T1) == ()


async def test_where_the_channel_is_shared_nothing_is_told_of_what_is_not_external(town: Town) -> None:
    town.channels.shared = frozenset({CHANNEL})
    one = await town.starts()
    town.at(NINE)
    assert await one.look() == 0


async def test_a_closed_channel_ends_its_digest_and_its_maker_hears_of_it_once(town: Town) -> None:
    one = await town.starts()
    await one.close(T1, CHANNEL, "Slack says is_archived.")
    await one.close(T1, CHANNEL, "Slack says is_archived.")
    tells = [each for each in await town.effects() if isinstance(each, Tell)]
    assert [each.person for each in tells] == [ADA.id]
    assert "is stopped. Slack says is_archived." in tells[0].text.plain()
    assert await town.store.digests.asked(T1) == ()
    kept = await rows(town.store, "SELECT kind, actor_id FROM events WHERE kind = 'DigestStopped'")
    assert kept == [("DigestStopped", SLIPWAY.id)]
