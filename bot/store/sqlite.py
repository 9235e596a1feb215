"""Connections to SQLite that let go of the database however they end.

Work is cut off at any moment: by a stop, a time limit, a lease that needs no more keeping. Its connection is
then closed with a statement half read, and SQLite keeps such a connection, with its transaction and the lock,
until somebody collects the statement. Every other writer would wait for that, so we undo before we close.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import aiosqlite
from aiosqlite.context import contextmanager

ROWS_AT_ONCE = 64  # the driver's own default


class Undoing(sqlite3.Connection):
    """Closing gives the lock back at once."""

    def close(self) -> None:
        """Undo what was not committed, then close; closing again is no mistake."""
        with suppress(sqlite3.ProgrammingError):  # it is closed already
            self.rollback()
        super().close()


class Whole(aiosqlite.Cursor):
    """Carries out a statement and reads all of its rows in one turn of the connection's thread.

    The driver takes a turn for each, and one more to make the cursor and one to close it: for the short
    statements of a transaction the turns cost more than the work. Nobody here reads a result piece by piece.
    """

    def __init__(self, connection: aiosqlite.Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Whole:
        """To the end of its rows."""
        self._rows = await self._execute(self._at_once, sql, parameters or ())  # type: ignore[no-untyped-call]
        return self

    async def fetchall(self) -> list[Any]:
        """They were read already."""
        return self._rows

    async def close(self) -> None:
        """It holds nothing: a statement that was read to its end, or failed, has let go."""

    def _at_once(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchall() if self._cursor.description else []


class Threaded(aiosqlite.Connection):
    """A connection and its thread, which may be told twice to stop.

    A task that is cancelled while it closes its connection asks once, and the pool that gives the connection
    up asks again. The driver answers the first of them only, and the other would wait for ever.
    """

    def __init__(self, database: str, **how: Any) -> None:
        how |= {"factory": Undoing, "check_same_thread": False}  # cursors are made outside its thread
        super().__init__(partial(sqlite3.connect, database, **how), ROWS_AT_ONCE)
        self._thread.daemon = True  # a process may end without having closed it
        self._end: asyncio.Future[Any] | None = None

    async def _connect(self) -> aiosqlite.Connection:
        """Open it. One that cannot be opened says so when its thread has ended, not before."""
        try:
            return await super()._connect()
        except Exception:
            if self._end is not None:
                await self._end
            raise

    @contextmanager
    async def cursor(self) -> aiosqlite.Cursor:
        """Made at once: it asks nothing of the database."""
        return Whole(self, self._conn.cursor())

    def stop(self) -> asyncio.Future[Any] | None:
        """Close it as soon as its thread is free; what to wait for."""
        if self._end is None:
            self._end = super().stop()
        return self._end
