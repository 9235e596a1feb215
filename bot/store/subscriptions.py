"""Subscriptions: a row for each, once for each channel and wording; those that are off stay."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.subscriptions import Filter, Subscription
from bot.core.values import Actor
from bot.store import mapping
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.statements import the, this
from bot.store.tables import counters, subscriptions

NUMBERS = "subscription"  # the counter's name
_FILTER = TypeAdapter(Filter)
_ALL = select(subscriptions).where(this(subscriptions, "workspace_id")).order_by(subscriptions.c.number)
_ITS = this(subscriptions, "workspace_id", "number")
_END, _PASS_ON = delete(subscriptions).where(_ITS), update(subscriptions).where(_ITS)


class StoredSubscriptions(Inside):
    """The subscriptions as a unit of work sees them."""

    async def all(self) -> tuple[Subscription, ...]:
        """Every one of the workspace, those that are off as well, the oldest first."""
        return await _all(self._connection, self._workspace)

    async def put(self, channel: str, name: str, filter: Filter, maker: Actor) -> Subscription | None:
        """A new one, or theirs from now on where it was off; None where it stands already."""
        key = {"workspace_id": self._workspace, "channel": channel, "said": filter.said}
        told = {"name": name, "since": self._now, "off_why": ""} | mapping.actor_columns(maker, "maker_")
        row = key | told | {"number": await self._next(), "filter": _FILTER.dump_python(filter, mode="json")}
        insert = self._database.insert(subscriptions).values(row)
        change = insert.on_conflict_do_update(
            index_elements=list(key), set_=told, where=subscriptions.c.off_why != ""
        ).returning(*subscriptions.c)
        found = (await self._connection.execute(change)).one_or_none()
        return _subscription(found) if found is not None else None

    async def end(self, number: int) -> bool:
        """False when it is no more."""
        its = the(workspace_id=self._workspace, number=number)
        return (await self._connection.execute(_END, its)).rowcount > 0

    async def switch_off(self, channel: str, why: str) -> tuple[Subscription, ...]:
        """Those of the channel that were on until now."""
        change = (
            update(subscriptions)
            .where(
                subscriptions.c.workspace_id == self._workspace,
                subscriptions.c.channel == channel,
                subscriptions.c.off_why == "",
            )
            .values(off_why=why)
            .returning(*subscriptions.c)
        )
        found = await self._connection.execute(change)
        return tuple(sorted((_subscription(row) for row in found), key=lambda each: each.number))

    async def pass_on(self, subscription: Subscription, to: Actor) -> None:
        """Somebody else answers for it from now on."""
        its = the(workspace_id=self._workspace, number=subscription.number)
        await self._connection.execute(_PASS_ON, {**its, **mapping.actor_columns(to, "maker_")})

    async def _next(self) -> int:
        """What people call it; a number of one that was not kept stays unused."""
        first = {"workspace_id": self._workspace, "name": NUMBERS, "value": 1}
        count = (
            self._database.insert(counters)
            .values(first)
            .on_conflict_do_update(
                index_elements=["workspace_id", "name"], set_={"value": counters.c.value + 1}
            )
            .returning(counters.c.value)
        )
        number: int = (await self._connection.execute(count)).scalar_one()
        return number


class SqlSubscriptions:
    """The HeldSubscriptions over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def subscriptions(self, workspace: str) -> tuple[Subscription, ...]:
        """Every one, those that are off as well, the oldest first."""
        async with self._database.read() as connection:
            return await _all(connection, workspace)


async def _all(connection: AsyncConnection, workspace: str) -> tuple[Subscription, ...]:
    return tuple(_subscription(row) for row in await connection.execute(_ALL, the(workspace_id=workspace)))


def _subscription(row: Row[Any]) -> Subscription:
    values = row._asdict()
    return Subscription(
        number=values["number"],
        channel=values["channel"],
        name=values["name"],
        filter=_FILTER.validate_python(values["filter"]),
        maker=mapping.actor(values, "maker_"),
        since=values["since"],
        off=values["off_why"],
    )
