"""What was told of freezes: a row for each place that is frozen, changed only from what was read of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update

from bot.core.frozen import Frozen
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.tables import frozen_places

_TOLD = ("since", "until", "certain", "doubted")


class StoredFrozen(Inside):
    """The frozen places as a unit of work sees them."""

    async def swap(self, before: Frozen | None, after: Frozen | None) -> bool:
        """In place of what was known of the same place; False when that is no longer what is on record."""
        if before is not None:
            here = self._is(before)
            gone = delete(frozen_places).where(here)
            change = gone if after is None else update(frozen_places).where(here).values(_told(after))
            return (await self._connection.execute(change)).rowcount == 1
        if after is None:
            return False
        row = {"workspace_id": self._workspace, "service": after.service, "environment": after.environment}
        insert = self._database.insert(frozen_places).values(row | _told(after)).on_conflict_do_nothing()
        made = await self._connection.execute(insert.returning(frozen_places.c.service))
        return made.scalar_one_or_none() is not None

    def _is(self, frozen: Frozen) -> ColumnElement[bool]:
        columns = frozen_places.c
        told = [columns[name].is_not_distinct_from(value) for name, value in _told(frozen).items()]
        mine = columns.workspace_id == self._workspace
        return and_(mine, columns.service == frozen.service, columns.environment == frozen.environment, *told)


class SqlFrozen:
    """The FrozenBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str) -> tuple[Frozen, ...]:
        """All of them, by place."""
        columns = frozen_places.c
        query = select(frozen_places).where(columns.workspace_id == workspace)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(columns.service, columns.environment))
            return tuple(
                Frozen(row.service, row.environment, row.since, row.until, row.certain, row.doubted)
                for row in rows
            )


def _told(frozen: Frozen) -> dict[str, Any]:
    return {name: getattr(frozen, name) for name in _TOLD}
