"""Quarantined releases and what mends them: rows that are gone when it is lifted; the trail keeps them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.locks import Scope
from bot.core.quarantine import Fix, Quarantine
from bot.core.values import Actor, Sha
from bot.store import mapping
from bot.store.database import Database
from bot.store.holds import StoredHolds, holds_of
from bot.store.ids import new_id
from bot.store.statements import the
from bot.store.tables import quarantine_fixes, quarantines
from bot.store.waiters import scope_columns, scope_of

_HELD = holds_of(quarantines)


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
        ended = await self._end(quarantine.id)
        mine = quarantine_fixes.c.workspace_id == self._workspace
        words = delete(quarantine_fixes).where(mine, quarantine_fixes.c.quarantine_id == quarantine.id)
        await self._connection.execute(words)
        return ended

    async def mend(self, quarantine: Quarantine, fix: Fix) -> bool:
        """Keep that this release contains the fix, as it was said first; False when it is lifted by now."""
        this = select(quarantines.c.id).filter_by(workspace_id=self._workspace, id=quarantine.id)
        if (await self._connection.execute(this.with_for_update())).one_or_none() is None:
            return False
        key = {"workspace_id": self._workspace, "quarantine_id": quarantine.id, "sha": fix.sha}
        told = {"ref": fix.ref, "reason": fix.reason, "at": fix.at, **mapping.actor_columns(fix.by, "by_")}
        insert = self._database.insert(quarantine_fixes).values(key | told)
        await self._connection.execute(insert.on_conflict_do_nothing())
        return True


class SqlQuarantines:
    """The HeldQuarantines over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, workspace: str) -> tuple[Quarantine, ...]:
        """All that were not lifted, the oldest first."""
        async with self._database.read() as connection:
            return await _held(connection, workspace)


async def _held(connection: AsyncConnection, workspace: str) -> tuple[Quarantine, ...]:
    rows = (await connection.execute(_HELD, the(workspace_id=workspace))).all()
    if not rows:
        return ()
    fixes: dict[str, list[Fix]] = {}
    said = select(quarantine_fixes).where(quarantine_fixes.c.workspace_id == workspace)
    for each in await connection.execute(said.order_by(quarantine_fixes.c.at, quarantine_fixes.c.sha)):
        fixes.setdefault(each.quarantine_id, []).append(_fix(each))
    return tuple(_quarantine(row, tuple(fixes.get(row.id, ()))) for row in rows)


def _quarantine(row: Row[Any], fixes: tuple[Fix, ...] = ()) -> Quarantine:
    by = mapping.actor(row._asdict(), "by_")
    return Quarantine(row.id, scope_of(row), Sha(row.sha), row.ref, by, row.reason, row.since, fixes)


def _fix(row: Row[Any]) -> Fix:
    return Fix(Sha(row.sha), row.ref, mapping.actor(row._asdict(), "by_"), row.reason, row.at)
