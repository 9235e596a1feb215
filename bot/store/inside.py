"""What every part of a unit of work stands on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database


class Inside:
    """One transaction of one workspace, and its time."""

    def __init__(
        self, database: Database, connection: AsyncConnection, workspace: str, now: datetime
    ) -> None:
        self._database = database
        self._connection = connection
        self._workspace = workspace
        self._now = now
