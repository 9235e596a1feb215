"""The waiting list: who wants to be told when nobody else's lock keeps them from somewhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.locks import Scope, Waiter
from bot.core.values import Actor, ActorKind
from bot.store.inside import Inside
from bot.store.tables import lock_waiters


class StoredWaiters(Inside):
    """The waiting list as a unit of work sees it."""

    async def join(self, scope: Scope, person: Actor) -> None:
        """At the end of the list; whoever stands there already keeps their place."""
        row = {"workspace_id": self._workspace, **scope_columns(scope), "person": person.id}
        told = {"name": person.name, "since": self._now}
        insert = self._database.insert(lock_waiters).values(row | told)
        await self._connection.execute(insert.on_conflict_do_nothing())

    async def leave(self, waiter: Waiter) -> bool:
        """Only one of several who try at once sees them leave."""
        columns = scope_columns(waiter.scope)
        gone = await self._connection.execute(
            delete(lock_waiters).where(
                lock_waiters.c.workspace_id == self._workspace,
                lock_waiters.c.service == columns["service"],
                lock_waiters.c.environment == columns["environment"],
                lock_waiters.c.person == waiter.person.id,
            )
        )
        return gone.rowcount > 0

    async def all(self) -> tuple[Waiter, ...]:
        """Whoever came first is first."""
        return await read_waiters(self._connection, self._workspace)


async def read_waiters(connection: AsyncConnection, workspace: str) -> tuple[Waiter, ...]:
    """Of one workspace, whoever came first first."""
    query = (
        select(lock_waiters)
        .where(lock_waiters.c.workspace_id == workspace)
        .order_by(lock_waiters.c.since, lock_waiters.c.person)
    )
    return tuple(
        Waiter(scope_of(row), Actor(ActorKind.PERSON, row.person, row.name), row.since)
        for row in await connection.execute(query)
    )


def scope_columns(scope: Scope) -> dict[str, str]:
    """All of them is written as an empty word: a part of a key can't be absent."""
    return {"service": scope.service or "", "environment": scope.environment or ""}


def scope_of(row: Row[Any]) -> Scope:
    """Back from the columns."""
    return Scope(row.service or None, row.environment or None)
