"""Alerts after a success are failures on record; they never change the state of a deployment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.records import Deployment
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.tables import failures


class StoredAlertFailures:
    """Those of alerts, as a unit of work sees them."""

    def __init__(self, database: Database, connection: AsyncConnection, workspace: str) -> None:
        self._database = database
        self._connection = connection
        self._workspace = workspace

    async def begin(
        self, deployment: Deployment, source: str, external_id: str, summary: str, at: datetime
    ) -> None:
        """Known from now on; one that began again goes on, as if it had never ended."""
        key = {"workspace_id": self._workspace, "source": source, "external_id": external_id}
        told = {"summary": summary, "deployment_id": deployment.id, "started_at": at, "ended_at": None}
        place = {"service": deployment.wish.service, "environment": deployment.wish.environment}
        insert = self._database.insert(failures).values(key | told | place | {"id": new_id()})
        again = insert.on_conflict_do_update(index_elements=list(key), set_={"ended_at": None})
        await self._connection.execute(again)

    async def end(self, source: str, external_id: str, at: datetime) -> None:
        """It is over; one that nobody told of stays unknown."""
        which = update(failures).where(
            failures.c.workspace_id == self._workspace,
            failures.c.source == source,
            failures.c.external_id == external_id,
            failures.c.ended_at.is_(None),
        )
        await self._connection.execute(which.values(ended_at=at))
