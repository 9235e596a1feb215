"""Quarantined releases: a row for each release and scope, gone when it is lifted; the trail keeps both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.locks import Scope
from bot.core.quarantine import Quarantine
from bot.core.values import Actor, Sha
from bot.store import mapping
from bot.store.database import Database
from bot.store.holds import StoredHolds, holds_of
from bot.store.ids import new_id
from bot.store.tables import quarantines
from bot.store.waiters import scope_columns, scope_of


class StoredQuarantines(StoredHolds):
    """The quarantines as a unit of work sees them."""

    table = quarantines

    async def held(self) -> tuple[Quarantine, ...]:
        """All that were not lifted, the oldest first."""
        return await _held(self._connection, self._workspace)

    async def put(self, scope: Scope, sha: Sha, ref: str, by: Actor, reason: str) -> Quarantine:
        """The quarantine of this release in this very scope after the try: an earlier one stays as it is."""
        key = {"workspace_id": self._workspace, **scope_columns(scope), "sha": sha}
        told = {"id": new_id(), "ref": ref, "reason": reason, "since": self._now}
        told |= mapping.actor_columns(by, "by_")
        insert = self._database.insert(quarantines).values(key | told)
        await self._connection.execute(insert.on_conflict_do_nothing())
        return _quarantine((await self._connection.execute(select(quarantines).filter_by(**key))).one())

    async def lift(self, quarantine: Quarantine) -> bool:
        """False when it is no more, or another one by now."""
        return await self._end(quarantine.id)


class SqlQuarantines:
    """The HeldQuarantines over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, workspace: str) -> tuple[Quarantine, ...]:
        """All that were not lifted, the oldest first."""
        async with self._database.read() as connection:
            return await _held(connection, workspace)


async def _held(connection: AsyncConnection, workspace: str) -> tuple[Quarantine, ...]:
    rows = await connection.execute(holds_of(quarantines, workspace))
    return tuple(_quarantine(row) for row in rows)


def _quarantine(row: Row[Any]) -> Quarantine:
    by = mapping.actor(row._asdict(), "by_")
    return Quarantine(row.id, scope_of(row), Sha(row.sha), row.ref, by, row.reason, row.since)
