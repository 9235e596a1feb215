"""The connections of a dead process: the system closes them with it. Left open, they keep their locks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
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
        made = connection.driver_connection
        if not hasattr(made, "pgconn"):
            made.close, made.stop = (
                partial(_undo_first, made, made.close),
                partial(_undo_first, made, made.stop),
            )
        self._made.append(made)

    async def close(self) -> None:
        """Take them away from whoever still has one; what was not committed is undone."""
        for connection in self._made:
            if hasattr(connection, "pgconn"):
                connection.pgconn.finish()
            else:
                connection.stop()
                await asyncio.to_thread(connection._thread.join, PATIENCE)
                assert not connection._thread.is_alive(), "a thread of the dead still holds the database"
        self._made.clear()


def _undo_first(connection: Any, end: Callable[[], Any]) -> Any:
    """A connection to SQLite has a thread, and only that one may undo and close; whoever asks it to.

    Closed with a statement half read, which a dead task still holds, it would keep its transaction, and the
    lock with it, until somebody collects the garbage.
    """
    connection._tx.put_nowait((None, lambda: connection._conn.rollback()))
    return end()
