"""Locks: a row for each locked scope, which only its owner or its end makes free for somebody else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.locks import Lock, Scope, Waiter
from bot.core.values import Actor, ActorKind, DeploymentId, Sha
from bot.store import mapping
from bot.store.database import Database
from bot.store.holds import StoredHolds, holds_of
from bot.store.ids import new_id
from bot.store.statements import the
from bot.store.tables import deployments, locks
from bot.store.types import UtcDateTime
from bot.store.waiters import read_waiters, scope_columns, scope_of

_HELD = holds_of(locks).where(
    or_(locks.c.until.is_(None), locks.c.until > bindparam("now", type_=UtcDateTime()))
)
_NOT_BEGUN = [state.value for state in State if state not in ENDS | HOLDING]


class StoredLocks(StoredHolds):
    """The locks as a unit of work sees them."""

    table = locks

    async def held(self) -> tuple[Lock, ...]:
        """Those that hold now, the oldest first."""
        return await _held(self._connection, self._workspace, self._now)

    async def take(
        self, scope: Scope, owner: Actor, reason: str, until: datetime | None, spares: Sha | None = None
    ) -> Lock:
        """The lock on this very scope after the try: theirs when it was free, or theirs before."""
        key = {"workspace_id": self._workspace, **scope_columns(scope)}
        told = {"id": new_id(), "reason": reason, "since": self._now, "until": until, "spares": spares}
        told |= mapping.actor_columns(owner, "owner_")
        free = or_(
            locks.c.until <= self._now,
            and_(locks.c.owner_kind == owner.kind.value, locks.c.owner_id == owner.id),
        )
        insert = self._database.insert(locks).values(key | told)
        await self._connection.execute(
            insert.on_conflict_do_update(index_elements=list(key), set_=told, where=free)
        )
        query = select(locks).filter_by(**key)
        return _lock((await self._connection.execute(query)).one())

    async def release(self, lock: Lock) -> bool:
        """False when it is no more, or another one by now."""
        return await self._end(lock.id)

    async def waiting(self, scope: Scope) -> tuple[DeploymentId, ...]:
        """The deployments in there that have not begun."""
        query = select(deployments.c.id).where(
            deployments.c.workspace_id == self._workspace, deployments.c.state.in_(_NOT_BEGUN)
        )
        if scope.service is not None:
            query = query.where(deployments.c.service == scope.service)
        if scope.environment is not None:
            query = query.where(deployments.c.environment == scope.environment)
        found = await self._connection.execute(query.order_by(deployments.c.number))
        return tuple(DeploymentId(id) for id in found.scalars())


class SqlLocks:
    """The HeldLocks over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, workspace: str) -> tuple[Lock, ...]:
        """Those that hold now, the oldest first."""
        async with self._database.read() as connection:
            return await _held(connection, workspace, await self._database.now(connection))

    async def waiters(self, workspace: str) -> tuple[Waiter, ...]:
        """Who wants to be told when something is free, whoever came first first."""
        async with self._database.read() as connection:
            return await read_waiters(connection, workspace)


async def _held(connection: AsyncConnection, workspace: str, now: datetime) -> tuple[Lock, ...]:
    found = await connection.execute(_HELD, {**the(workspace_id=workspace), "now": now})
    return tuple(_lock(row) for row in found)


def _lock(row: Row[Any]) -> Lock:
    return Lock(
        id=row.id,
        scope=scope_of(row),
        owner=Actor(ActorKind(row.owner_kind), row.owner_id, row.owner_name),
        reason=row.reason,
        since=row.since,
        until=row.until,
        spares=row.spares,
    )
