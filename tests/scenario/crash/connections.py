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
                connection.stop()
                await asyncio.to_thread(connection._thread.join, PATIENCE)
                assert not connection._thread.is_alive(), "a thread of the dead still holds the database"
        self._made.clear()
