"""The digests that people asked for: a row for each kind that a channel has, and one for each put-off job."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, delete, select

from bot.core.catalog import Every, Weekday
from bot.core.digest_ports import AskedDigest
from bot.core.schedules import Schedule
from bot.core.values import Actor
from bot.store import mapping
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.tables import digest_snoozes, digests


class StoredDigests(Inside):
    """The digests as a unit of work sees them."""

    async def put(self, channel: str, schedule: Schedule, services: tuple[str, ...], by: Actor) -> None:
        """In place of the one of this kind that the channel had."""
        key = {"workspace_id": self._workspace, "channel": channel, "every": schedule.every.value}
        told: dict[str, Any] = {
            "on_day": schedule.on.value if schedule.on else None,
            "at": f"{schedule.at:%H:%M}",
            "zone": schedule.zone,
            "services": list(services),
            "since": self._now,
            **mapping.actor_columns(by, "by_"),
        }
        insert = self._database.insert(digests).values(key | told)
        await self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=told))

    async def stop(self, channel: str, every: Every | None = None) -> tuple[AskedDigest, ...]:
        """Those that were stopped: of one kind, or all of the channel."""
        which = delete(digests).where(digests.c.workspace_id == self._workspace, digests.c.channel == channel)
        if every is not None:
            which = which.where(digests.c.every == every.value)
        rows = await self._connection.execute(which.returning(*digests.c))
        return tuple(sorted((_asked(row) for row in rows), key=lambda each: each.schedule.every))

    async def snooze(self, job: str, until: datetime) -> None:
        """None of this job before then."""
        key, told = {"workspace_id": self._workspace, "job": job}, {"until": until}
        insert = self._database.insert(digest_snoozes).values(key | told)
        await self._connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=told))

    async def snoozed(self, job: str) -> datetime | None:
        """Until when; None where nobody snoozed it."""
        query = select(digest_snoozes.c.until).where(
            digest_snoozes.c.workspace_id == self._workspace, digest_snoozes.c.job == job
        )
        until: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return until


class SqlDigests:
    """The DigestBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self, workspace: str) -> tuple[AskedDigest, ...]:
        """All of them, by channel."""
        query = (
            select(digests)
            .where(digests.c.workspace_id == workspace)
            .order_by(digests.c.channel, digests.c.every)
        )
        async with self._database.read() as connection:
            return tuple(_asked(row) for row in await connection.execute(query))

    async def snoozes(self, workspace: str) -> dict[str, datetime]:
        """By job, until when."""
        query = select(digest_snoozes).where(digest_snoozes.c.workspace_id == workspace)
        async with self._database.read() as connection:
            return {row.job: row.until for row in await connection.execute(query)}

    async def purge(self) -> int:
        """Forget what is put off no more."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            over = delete(digest_snoozes).where(digest_snoozes.c.until <= now)
            return (await connection.execute(over)).rowcount


def _asked(row: Row[Any]) -> AskedDigest:
    on = Weekday(row.on_day) if row.on_day else None
    return AskedDigest(
        channel=row.channel,
        schedule=Schedule(Every(row.every), time.fromisoformat(row.at), row.zone, on),
        services=tuple(row.services),
        by=mapping.actor(row._asdict(), "by_"),
        since=row.since,
    )
