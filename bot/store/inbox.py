"""Stored receipts: whose turn it is, who works on it, and when it is forgotten."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, Select, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import LeaseLost, NeedsHuman
from bot.core.records import Delivery, Lane, Lease, Receipt, Source
from bot.store.database import Database
from bot.store.sealing import Seal
from bot.store.statements import pairs, the_pairs
from bot.store.tables import inbox
from bot.store.types import UtcDateTime

log = logging.getLogger(__name__)

BODIES_KEPT = timedelta(days=7)
UNTIL_A_KEY_COMES = timedelta(hours=1)  # between two tries to open what was closed with an unknown key
ROWS_KEPT = timedelta(days=30)

_WAITING = and_(inbox.c.handled_at.is_(None), inbox.c.dead_at.is_(None))
_LEASE = (
    update(inbox)
    .where(pairs(inbox, "workspace_id", "id"))
    .values(fence=inbox.c.fence + 1, attempts=inbox.c.attempts + 1)
)


class SqlInbox:
    """The Inbox of one process; processes that share a database never claim the same delivery."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def claim(self, lanes: Sequence[Lane], limit: int) -> tuple[Delivery, ...]:
        """What waits, the oldest first; nothing of a lane while one before it has more."""
        while rows := await self._take(lanes, limit):
            opened = [await self._opened(row) for row in rows]
            if found := tuple(delivery for delivery in opened if delivery is not None):
                return found
        return ()

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim, if nothing else happens."""
        return await self._database.how_long(_soonest())

    async def give_back(self, delivery: Delivery, after: timedelta, why: str) -> None:
        """Somebody may take it again after so long."""
        async with self._database.write() as connection:
            at = await self._database.now(connection) + after
            await _let_go(connection, delivery.lease, due_at=at, why=why)

    async def bury(self, delivery: Delivery, why: str) -> None:
        """It failed too often; keep it for the operators."""
        await self._bury(delivery.lease, why)

    async def purge(self) -> int:
        """Forget bodies a week after they were handled or given up, and whole rows some weeks later."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            long_ago = now - BODIES_KEPT
            ended_then = or_(inbox.c.handled_at < long_ago, inbox.c.dead_at < long_ago)
            forgotten = and_(inbox.c.body.is_not(None), ended_then)
            emptied = await connection.execute(
                update(inbox).where(forgotten).values(body=None, headers=[], sealed=False)
            )
            ended = or_(inbox.c.handled_at < now - ROWS_KEPT, inbox.c.dead_at < now - ROWS_KEPT)
            removed = await connection.execute(delete(inbox).where(ended))
            return emptied.rowcount + removed.rowcount

    async def _bury(self, lease: Lease, why: str) -> None:
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            await _let_go(connection, lease, dead_at=now, why=why)

    async def _cannot_open(self, row: Row[Any], lease: Lease, error: NeedsHuman) -> None:
        """The key may still be put in, so this is no try; after a week nobody waits for it any more."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            values: dict[str, Any] = {"due_at": now + UNTIL_A_KEY_COMES, "attempts": row.attempts}
            if row.received_at < now - BODIES_KEPT:
                values = {"dead_at": now}
            await _let_go(connection, lease, why=error.what, **values)

    async def _take(self, lanes: Sequence[Lane], limit: int) -> Sequence[Row[Any]]:
        """Their rows as they were before the lease."""
        rows: list[Row[Any]] = []
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            for lane in lanes:
                if (free := limit - len(rows)) > 0:
                    which = {"lane": lane.value, "now": now, "most": free}
                    rows += await connection.execute(_oldest(), which)
            if rows:
                lease = {"owner": self._database.owner, "until": now + self._database.lease}
                those = the_pairs((row.workspace_id, row.id) for row in rows)
                await connection.execute(_LEASE, those | lease)
        return rows

    async def _opened(self, row: Row[Any]) -> Delivery | None:
        lease = Lease(row.workspace_id, row.id, row.fence + 1, self._database.owner)
        try:
            return self._delivery(row, lease)
        except NeedsHuman as error:
            log.error("delivery %s (%s %s): %s", row.id, row.source, row.kind, error)
            await self._cannot_open(row, lease, error)
            return None

    def _delivery(self, row: Row[Any], lease: Lease) -> Delivery:
        receipt = Receipt(
            workspace=row.workspace_id,
            source=Source(row.source),
            lane=Lane(row.lane),
            kind=row.kind,
            delivery_key=row.delivery_key,
            signature=row.signature or "",
            body=self._seal.open(row.body, sealed=row.sealed),
            headers=tuple((name, value) for name, value in row.headers),
        )
        return Delivery(row.id, receipt, row.received_at, row.attempts + 1, lease)


@cache
def _soonest() -> Select[Any]:
    """When the next delivery may be taken."""
    at = case((inbox.c.until > inbox.c.due_at, inbox.c.until), else_=inbox.c.due_at)
    return select(func.min(at, type_=UtcDateTime())).where(_WAITING)


@cache
def _oldest() -> Select[Any]:
    """Of one lane; made once, as it is asked for all the time."""
    now = bindparam("now", type_=UtcDateTime())
    return (
        select(inbox)
        .where(_WAITING)
        .where(inbox.c.lane == bindparam("lane"), inbox.c.due_at <= now)
        .where(or_(inbox.c.until.is_(None), inbox.c.until < now))
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True)
    )


async def _let_go(connection: AsyncConnection, lease: Lease, **values: Any) -> None:
    ours = and_(
        inbox.c.workspace_id == lease.workspace,
        inbox.c.id == lease.key,
        inbox.c.fence == lease.fence,
    )
    done = await connection.execute(update(inbox).where(ours).values(owner=None, until=None, **values))
    if done.rowcount == 0:
        raise LeaseLost(lease.key)
