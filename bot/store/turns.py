"""Turns of jobs: a row for each job and slot, which only one of us can insert."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.tables import schedule_slots

TURNS_KEPT = timedelta(days=60)  # longer than any slot can be thought of again


class StoredTurns(Inside):
    """The turns as a unit of work sees them."""

    async def take(self, job: str, slot: str) -> bool:
        """Whether it is ours."""
        row = {
            "workspace_id": self._workspace,
            "job": job,
            "slot": slot,
            "owner": self._database.owner,
            "taken_at": self._now,
        }
        insert = self._database.insert(schedule_slots).values(row).on_conflict_do_nothing()
        had = await self._connection.execute(insert.returning(schedule_slots.c.slot))
        return had.scalar_one_or_none() is not None


class TurnBook:
    """What is done with turns outside of a unit of work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def purge(self) -> int:
        """Forget the turns of months past."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            old = schedule_slots.c.taken_at < now - TURNS_KEPT
            return (await connection.execute(delete(schedule_slots).where(old))).rowcount
