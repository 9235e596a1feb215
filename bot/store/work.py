"""Keys that want a look, and the leases under which they get it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import LeaseLost
from bot.core.records import Lease
from bot.store.database import Database
from bot.store.statements import Kind, pairs, the, the_pairs, this
from bot.store.tables import leases, work
from bot.store.types import UtcDateTime
from bot.store.wakeups import Wake

_LEASE = update(leases).where(pairs(leases, "workspace_id", "key")).values(fence=leases.c.fence + 1)
_TAKE_UP = update(work).where(pairs(work, "workspace_id", "key")).values(due_at=None)
_HELD = this(leases, "workspace_id", "key", "fence", "owner")
_KEEP = update(leases).where(_HELD)
_GIVE_BACK = update(leases).where(_HELD).values(owner=None, until=None)
_SAME_KEY = and_(leases.c.workspace_id == work.c.workspace_id, leases.c.key == work.c.key)


class SqlWorkQueue:
    """The WorkQueue of one process; with PostgreSQL many share it, and none gets what another one has."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, limit: int) -> tuple[Lease, ...]:
        """What is due and free, the longest waiting first; also what its holder never gave back."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            rows = (await connection.execute(_free(), {"now": now, "most": limit})).all()
            if not rows:
                return ()
            keys = the_pairs((row.workspace_id, row.key) for row in rows)
            until = now + self._database.lease
            await connection.execute(_LEASE, {**keys, "owner": self._database.owner, "until": until})
            # From here on a wish is for another look than the one that begins.
            await connection.execute(_TAKE_UP, keys)
        return tuple(Lease(row.workspace_id, row.key, row.fence + 1, self._database.owner) for row in rows)

    async def keep(self, lease: Lease) -> None:
        """It takes longer: nobody else shall begin meanwhile. LeaseLost when somebody has."""
        async with self._database.write() as connection:
            await hold(self._database, connection, lease, await self._database.now(connection))

    async def requeue(self, lease: Lease, after: timedelta | None) -> None:
        """Give the key back: look again after so long, or only when somebody wants it."""
        async with self._database.write() as connection:
            done = await connection.execute(_GIVE_BACK, _held(lease))
            if done.rowcount == 0:
                raise LeaseLost(lease.key)
            if after is not None:
                at = await self._database.now(connection) + after
                await _want(self._database, connection, lease.workspace, lease.key, at)
        self._database.ring({Wake.WORK})

    async def want(self, workspace: str, key: str) -> None:
        """Look at it at once."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            await want_all(self._database, connection, workspace, {key: now})
        self._database.ring({Wake.WORK})

    async def was_claimed(self, workspace: str, key: str) -> bool:
        """Whether anybody has ever begun to look at it."""
        query = select(leases.c.fence).where(this(leases, "workspace_id", "key"))
        async with self._database.read() as connection:
            fence = (await connection.execute(query, the(workspace_id=workspace, key=key))).scalar()
        return bool(fence)

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim, if nothing else happens."""
        return await self._database.how_long(_soonest())


@cache
def _soonest() -> Select[Any]:
    """When the next key may be taken."""
    at = func.min(func.coalesce(leases.c.until, work.c.due_at), type_=UtcDateTime())
    wanted = or_(leases.c.until.is_not(None), work.c.due_at.is_not(None))
    return select(at).select_from(work.join(leases, _SAME_KEY)).where(wanted)


@cache
def _free() -> Select[Any]:
    """Keys that may be taken at `now`; made once, as it is asked for all the time."""
    now = bindparam("now", type_=UtcDateTime())
    abandoned = and_(leases.c.until.is_not(None), leases.c.until <= now)
    due = and_(leases.c.until.is_(None), work.c.due_at <= now)
    return (
        select(leases.c.workspace_id, leases.c.key, leases.c.fence)
        .join(work, _SAME_KEY)
        .where(or_(abandoned, due))
        .order_by(case((abandoned, leases.c.until), else_=work.c.due_at))
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(of=leases, skip_locked=True)
    )


async def want_all(
    database: Database, connection: AsyncConnection, workspace: str, wishes: Mapping[str, datetime]
) -> None:
    """Write the wishes down in one order for everybody; none moves a key later than it was wanted before."""
    for key, at in sorted(wishes.items()):
        await connection.execute(_lease_row(database.kind), the(workspace_id=workspace, key=key))
        await _want(database, connection, workspace, key, at)


async def _want(
    database: Database, connection: AsyncConnection, workspace: str, key: str, at: datetime
) -> None:
    """A key that has a lease."""
    row = {"workspace_id": workspace, "key": key, "due_at": at}
    await connection.execute(_wish(database.kind), row)


@cache
def _wish(kind: Kind) -> Any:
    wish = kind.insert(work)
    sooner = kind.earlier(work.c.due_at, wish.excluded.due_at)
    return wish.on_conflict_do_update(index_elements=["workspace_id", "key"], set_={"due_at": sooner})


@cache
def _lease_row(kind: Kind) -> Any:
    """Make it where it is missing; because we look first, we never wait for a lease that is in use."""
    named = (bindparam(f"the_{name}", type_=Text()) for name in ("workspace_id", "key"))
    missing = select(*named).where(~exists().where(this(leases, "workspace_id", "key")))
    return kind.insert(leases).from_select(["workspace_id", "key"], missing).on_conflict_do_nothing()


async def hold(database: Database, connection: AsyncConnection, lease: Lease, now: datetime) -> None:
    """Lock the lease until the end of the transaction and extend it; LeaseLost when somebody else has it."""
    longer = await connection.execute(_KEEP, {**_held(lease), "until": now + database.lease})
    if longer.rowcount == 0:
        raise LeaseLost(lease.key)


def _held(lease: Lease) -> dict[str, Any]:
    return the(workspace_id=lease.workspace, key=lease.key, fence=lease.fence, owner=lease.owner)
