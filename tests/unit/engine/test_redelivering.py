"""What was lost while we were away is asked for again: once each, the oldest first, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.core import redelivery
from bot.core.errors import LeaseLost, NeedsHuman, Transient
from bot.core.ports import Provider
from bot.core.records import Lane, Receipt, Source
from bot.core.redelivery import Tried, Webhook, doubtful
from bot.engine import redelivering, seeking
from bot.engine.reconciler import Reconciler
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import NOON, TEAM
from tests.unit.engine.door import Door

SQLITE = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
HOOK = Webhook("acme/api", "1")
HERE = "https://bot.example/webhooks/github"


@dataclass
class Memory:
    """The port Deliveries: what was tried, and what we asked for."""

    clock: StillClock
    rows: list[Tried] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    forgets: bool = False  # a try that was asked for does not show up

    async def webhooks(self, repositories: Sequence[str], address: str) -> tuple[Webhook, ...]:
        assert (repositories, address) == (("acme/api",), HERE)
        return (HOOK,)

    async def tried(self, webhook: Webhook, since: datetime) -> tuple[Tried, ...]:
        assert webhook == HOOK
        if self.fails and isinstance(self.fails[-1], NeedsHuman):
            raise self.fails.pop()
        return tuple(each for each in self.rows if each.at >= since)

    async def again(self, webhook: Webhook, id: str) -> None:
        assert webhook == HOOK
        self.asked.append(id)
        if self.fails:
            raise self.fails.pop()
        found = next(each for each in self.rows if each.id == id)
        if not self.forgets:
            self.rows.append(replace(found, id=f"{id}-again", at=self.clock.time, again=True))

    def loses(self, *ids: str, **more: object) -> None:
        for id in ids:
            tried = Tried(id, f"guid-{id}", self.clock.time, again=False, heeded=True)
            self.rows.append(replace(tried, **more))  # type: ignore[arg-type]
            self.clock.time += timedelta(seconds=1)


class Mast(Door):
    """The same house, which was away."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.memory = Memory(self.clock)
        forge = self.forge
        provider = Provider(forge.code, forge.pins, forge.ci, forge.doors, deliveries=self.memory)
        self.world = replace(self.world, providers={"github": provider}, hook_address=HERE)
        self.reconciler = Reconciler(self.world, Bell())

    async def starts(self) -> None:
        await self.world.queue.want(TEAM, redelivering.key("github"))
        await self.settle()

    async def was_away(self, hours: float = 1) -> None:
        """It has run before; then it stops, and starts again so much later."""
        await self.starts()
        self.clock.time += timedelta(hours=hours)


@pytest.fixture
async def mast(database_url: str) -> AsyncIterator[Mast]:
    clock = StillClock()
    async with Store(database_url, clock, owner="us", database_time=False) as store:
        await store.register_workspace(TEAM, "acme", "U0")
        yield Mast(store, clock)


@SQLITE
async def test_what_never_came_is_asked_for_once_the_oldest_first(mast: Mast) -> None:
    await mast.was_away()
    mast.memory.loses("1", "2", "3")
    mast.memory.rows.reverse()
    mast.clock.time += redelivery.FRESH
    for _ in range(3):
        await mast.starts()
    assert mast.memory.asked == ["1", "2", "3"]


@SQLITE
async def test_what_came_in_is_not_asked_for_whatever_github_thinks_of_it(
    mast: Mast, database_url: str
) -> None:
    await mast.was_away()
    mast.memory.loses("1", "2")
    writer = ReceiptWriter(database_url, Seal([]), mast.clock)
    writer.write([Receipt(TEAM, Source.GITHUB, Lane.EVENTS, "workflow_run", "guid-1", "", b"{}")])
    writer.close()
    mast.clock.time += redelivery.FRESH
    await mast.starts()
    assert mast.memory.asked == ["2"]


@SQLITE
async def test_what_was_lost_before_the_first_start_is_nobodys_business(mast: Mast) -> None:
    mast.memory.loses("1")
    mast.clock.time += timedelta(hours=1)
    await mast.starts()
    await mast.starts()
    assert mast.memory.asked == []


@SQLITE
async def test_after_a_long_time_only_the_last_three_days_are_asked_for(mast: Mast) -> None:
    await mast.was_away()
    mast.memory.loses("1")
    mast.clock.time += redelivery.BACK
    mast.memory.loses("2")
    mast.clock.time += timedelta(hours=1)
    await mast.starts()
    assert mast.memory.asked == ["2"]


@SQLITE
async def test_many_are_asked_for_a_few_each_minute(mast: Mast) -> None:
    await mast.was_away()
    mast.memory.loses(*map(str, range(redelivery.MOST + 5)))
    mast.clock.time += redelivery.FRESH
    await mast.starts()
    assert len(mast.memory.asked) == redelivery.MOST
    await mast.settle(redelivery.AGAIN)
    assert sorted(mast.memory.asked) == sorted(map(str, range(redelivery.MOST + 5)))


@SQLITE
async def test_once_an_hour_it_looks_again(mast: Mast) -> None:
    await mast.was_away(0)
    mast.memory.loses("1")
    await mast.settle(redelivery.EVERY)
    assert mast.memory.asked == ["1"]


@SQLITE
async def test_a_call_that_failed_is_made_once_more_where_there_is_no_trace_of_it(mast: Mast) -> None:
    await mast.was_away()
    mast.memory.forgets = True
    mast.memory.loses("1")
    mast.clock.time += redelivery.FRESH
    mast.memory.fails = [Transient("it is down.")] * 5
    await mast.starts()
    for _ in range(4):
        await mast.settle(redelivery.AGAIN)
        await mast.starts()
    assert mast.memory.asked == ["1", "1"], "and never a third time"


@SQLITE
async def test_a_crash_after_the_call_makes_no_second_one(mast: Mast) -> None:
    await mast.was_away()
    mast.memory.loses("1", "2")
    mast.clock.time += redelivery.FRESH
    await mast.world.queue.want(TEAM, redelivering.key("github"))
    [lease] = await mast.world.queue.claim(1)
    told = mast.memory.again

    async def dies(webhook: Webhook, id: str) -> None:
        await told(webhook, id)
        raise LeaseLost(id)

    mast.memory.again = dies  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        await redelivering.look(mast.world, lease)
    mast.memory.again = told  # type: ignore[method-assign]
    mast.clock.time += timedelta(minutes=5)
    await mast.settle()
    assert mast.memory.asked == ["1", "2"]


@SQLITE
async def test_a_missing_permission_is_said_once(mast: Mast, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        mast.memory.fails = [NeedsHuman("We may not look.", "", "Give the token admin:org_hook.")]
        await mast.starts()
    assert caplog.text.count("We may not look") == 1
    mast.memory.loses("1")
    mast.clock.time += redelivery.FRESH
    await mast.starts()
    assert mast.memory.asked == ["1"], "since it was granted"


@SQLITE
async def test_it_begins_with_the_start_where_somebody_delivers_to_us(mast: Mast) -> None:
    await seeking.seek(mast.world, at_start=True)
    wanted = {lease.key for lease in await mast.world.queue.claim(5)}
    assert redelivering.key("github") in wanted
    mast.world = replace(mast.world, hook_address="")
    mast.reconciler = Reconciler(mast.world, Bell())
    await mast.starts()
    assert await mast.store.runs.mark(TEAM, redelivering.key("github")) is None


def test_only_what_may_be_lost_is_doubtful() -> None:
    later = NOON + timedelta(minutes=30)
    one = Tried("1", "a", NOON, again=False, heeded=True)
    assert doubtful([one], NOON, later) == (one,)
    assert doubtful([replace(one, heeded=False)], NOON, later) == (), "nobody would do anything about it"
    assert doubtful([one, replace(one, id="2", again=True)], NOON, later) == (), "it was asked for"
    assert doubtful([one], NOON, NOON + timedelta(seconds=5)) == (), "it may be on its way"
    assert doubtful([one], NOON + timedelta(seconds=1), later) == ()
