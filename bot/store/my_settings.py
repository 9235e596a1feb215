"""What each person chose for themselves: one row for each who chose anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import time
from typing import Any

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.my_settings import USUAL, Mentions, MySettings, OwnEnds, QuietHours
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.statements import the, this
from bot.store.tables import my_settings

_THEIRS = select(my_settings).where(
    my_settings.c.workspace_id == bindparam("workspace"),
    my_settings.c.person.in_(bindparam("people", expanding=True)),
)
_FORGET = delete(my_settings).where(this(my_settings, "workspace_id", "person"))


class StoredMySettings(Inside):
    """The settings of people as a unit of work sees them."""

    async def of(self, person: str, *, to_change: bool = False) -> MySettings:
        """The usual ones, as long as they chose nothing. What is to be changed stays so until the commit."""
        return (await _read(self._connection, self._workspace, [person], lock=to_change))[person]

    async def put(self, person: str, settings: MySettings) -> None:
        """From now on."""
        quiet = settings.quiet
        told = {
            "mentions": settings.mentions.value,
            "ends": settings.ends.value,
            "quiet_from": f"{quiet.starts:%H:%M}" if quiet else "",
            "quiet_until": f"{quiet.ends:%H:%M}" if quiet else "",
            "since": self._now,
        }
        key = {"workspace_id": self._workspace, "person": person}
        insert = self._database.insert(my_settings).values(key | told)
        await self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=told))

    async def forget(self, person: str) -> None:
        """They left."""
        await self._connection.execute(_FORGET, the(workspace_id=self._workspace, person=person))


class SqlMySettings:
    """The HeldSettings over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settings(self, workspace: str, people: Collection[str]) -> Mapping[str, MySettings]:
        """Of each of these."""
        if not people:
            return {}
        async with self._database.read() as connection:
            return await _read(connection, workspace, people)


async def _read(
    connection: AsyncConnection, workspace: str, people: Collection[str], *, lock: bool = False
) -> dict[str, MySettings]:
    query = _THEIRS.with_for_update() if lock else _THEIRS
    rows = await connection.execute(query, {"workspace": workspace, "people": sorted(people)})
    return dict.fromkeys(people, USUAL) | {row.person: _settings(row) for row in rows}


def _settings(row: Row[Any]) -> MySettings:
    quiet = None
    if row.quiet_from and row.quiet_until:
        quiet = QuietHours(time.fromisoformat(row.quiet_from), time.fromisoformat(row.quiet_until))
    return MySettings(Mentions(row.mentions), OwnEnds(row.ends), quiet)
