"""What locks and quarantined releases have in common: rows that hold until somebody ends them."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Select, Table, delete, select, text

from bot.store.inside import Inside
from bot.store.statements import the, this


def holds_of(table: Table) -> Select[Any]:
    """Those of the workspace that `the` names, the oldest first."""
    return select(table).where(this(table, "workspace_id")).order_by(table.c.since, table.c.id)


class StoredHolds(Inside):
    """The rows of one table as a unit of work sees them."""

    table: ClassVar[Table]

    async def hold_still(self) -> None:
        """SQLite has one writer at a time; PostgreSQL lets others write beside us unless we say so."""
        if not self._database.sqlite:
            await self._connection.execute(text(f"LOCK TABLE {self.table.name} IN SHARE MODE"))

    async def _end(self, id: str) -> bool:
        """False when it is no more, or another one by now."""
        ended = delete(self.table).where(this(self.table, "workspace_id", "id"))
        its = the(workspace_id=self._workspace, id=id)
        return (await self._connection.execute(ended, its)).rowcount > 0
