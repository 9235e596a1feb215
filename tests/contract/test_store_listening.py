"""Wake-ups between replicas, which only PostgreSQL has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from bot.store.listening import CHANNEL
from bot.store.store import Store
from bot.store.wakeups import Wake, Wakeup
from tests.contract.store_support import T1, HandClock, rows
from tests.databases import Backend

pytestmark = pytest.mark.parametrize("database_url", [Backend.POSTGRESQL], indirect=True)


class PatientClock(HandClock):
    """Sleeps no real time, but lets the others run."""

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def replica(url: str, owner: str) -> AsyncIterator[tuple[Store, Wakeup]]:
    """One of several servers, and its ear; the call that the connection itself makes has been heard."""
    async with Store(url, PatientClock(), owner=owner) as store:
        ear = store.wakeup(Wake.WORK)
        await asyncio.wait_for(store.listening.ready.wait(), 10)
        await heard(ear)
        yield store, ear


async def heard(ear: Wakeup) -> None:
    await asyncio.wait_for(ear.wait(), 10)


async def test_a_wish_wakes_the_other_replica(database_url: str) -> None:
    async with replica(database_url, "one") as (one, near), replica(database_url, "two") as (_, far):
        await one.work.want(T1, "a")
        await heard(near)
        await heard(far)


async def test_a_replica_does_not_wake_itself_twice(database_url: str) -> None:
    async with replica(database_url, "one") as (one, near), replica(database_url, "two") as (two, far):
        await one.work.want(T1, "a")
        await heard(near)
        await heard(far)
        await two.work.want(T1, "a")
        await heard(near)  # the call of the other one came after any echo of our own
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(near.wait(), 0.05)


async def test_nonsense_on_the_channel_is_left_out(database_url: str) -> None:
    async with replica(database_url, "one") as (_, near):
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as stranger:
            for payload in ("", "{}", "[]", '{"wakes": ["everything"], "from": "x"}'):
                await stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
            await stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, '{"wakes": ["work"], "from": "x"}'))
        await heard(near)


async def test_it_listens_again_after_the_connection_died(database_url: str) -> None:
    async with replica(database_url, "one") as (one, near):
        others = (  # of this database alone: other tests have theirs on the same server
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        assert await rows(one, others) == [(True,)]
        await heard(near)  # whoever listens again has missed something
        await asyncio.wait_for(one.listening.ready.wait(), 10)
        async with replica(database_url, "two") as (two, _):
            await two.work.want(T1, "a")
            await heard(near)
