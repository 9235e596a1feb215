"""The connections of a dead process: the system closes them with it. Left open, they keep their locks."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.scenario.house import PATIENCE


class Connections:
    """Every connection that these engines ever made."""

    def __init__(self, *engines: AsyncEngine) -> None:
        self._made: list[Any] = []
        for engine in engines:
            event.listen(engine.sync_engine, "connect", self._note)

    def _note(self, connection: Any, _record: object) -> None:
        self._made.append(connection.driver_connection)

    async def close(self) -> None:
        """Take them away from whoever still has one; what was not committed is undone."""
        for connection in self._made:
            if hasattr(connection, "pgconn"):
                connection.pgconn.finish()
            else:
                await _stop(connection)
        self._made.clear()


async def _stop(connection: Any) -> None:
    """A connection to SQLite has a thread, and only that one may undo and close.

    Closed with a statement half read, which a dead task still holds, it would keep its transaction, and the
    lock with it, until somebody collects the garbage.
    """
    connection._tx.put_nowait((None, lambda: connection._conn.rollback()))
    connection.stop()
    await asyncio.to_thread(connection._thread.join, PATIENCE)
    assert not connection._thread.is_alive(), "a thread of the dead still holds the database"
