"""Carries wake-ups between replicas over PostgreSQL's NOTIFY.

A NOTIFY takes a lock on the whole server at commit, so wishes are gathered and sent a few times a second at
most, apart from the transactions that caused them. What is lost on the way is found by polling.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable

import psycopg
from sqlalchemy import func, select

from bot.core.errors import Transient
from bot.core.ports import Clock
from bot.store.database import Database
from bot.store.wakeups import Wake

log = logging.getLogger(__name__)

CHANNEL = "slipway"
GATHER_SECONDS = 0.5
RECONNECT_SECONDS = 2.0
_KEEPALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}


class Listening:
    """Tells the other replicas what is wanted, and hears what they want."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pending: set[Wake] = set()
        self._any_pending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = asyncio.Event()

    def start(self) -> None:
        """Begin, in the background; a second time changes nothing."""
        if self._tasks:
            return
        self._database.tell_others = self.tell
        loops = {"hear wake-ups": self._hear_for_ever(), "send wake-ups": self._send_for_ever()}
        self._tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]

    async def stop(self) -> None:
        """End both; what is not sent yet is found by polling."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, wakes: Iterable[Wake]) -> None:
        """Pass these on soon."""
        self._pending.update(wakes)
        if self._pending:
            self._any_pending.set()

    async def _send_for_ever(self) -> None:
        while True:
            await self._any_pending.wait()
            self._any_pending.clear()
            wakes, self._pending = sorted(self._pending), set()
            payload = json.dumps({"from": self._database.owner, "wakes": wakes})
            try:
                async with self._database.write() as connection:
                    await connection.execute(select(func.pg_notify(CHANNEL, payload)))
            except Transient:
                log.info("a wake-up was not sent; the others find out by polling")
            await self._clock.sleep(GATHER_SECONDS)

    async def _hear_for_ever(self) -> None:
        url = self._database.url.set(drivername="postgresql").update_query_dict(_KEEPALIVE)
        while True:
            try:
                await self._hear(url.render_as_string(hide_password=False))
            except (psycopg.Error, OSError) as error:
                log.warning("wake-ups of other replicas are not heard for now: %s", type(error).__name__)
            self.ready.clear()
            await self._clock.sleep(RECONNECT_SECONDS)

    async def _hear(self, url: str) -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            self._database.bells.ring(Wake)  # for whatever was missed before
            self.ready.set()
            async for notice in connection.notifies():
                self._ring(notice.payload)

    def _ring(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            wakes = [Wake(wake) for wake in told["wakes"]]
        except (ValueError, KeyError, TypeError):
            log.warning("a wake-up that nobody understands was left out")
            return
        if told["from"] != self._database.owner:
            self._database.bells.ring(wakes)
