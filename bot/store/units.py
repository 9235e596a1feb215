"""One unit of work: state, events, audit records, wishes and effects in one commit, or none of them.

Locks are taken in one order by everybody, so that no two units wait for each other: delivery, lease, counter,
deployment, slot; then, when the block has ended, wishes, cards and outbox, and the audit head last of all.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from enum import Enum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import Effect
from bot.core.errors import LeaseLost
from bot.core.events import Event
from bot.core.hearing import Hear
from bot.core.records import Delivery, Lease
from bot.core.request import Canonical
from bot.core.steps import Step
from bot.core.values import Actor
from bot.store import mapping
from bot.store.audit import Entry, append
from bot.store.courses import StoredCourses
from bot.store.database import Database
from bot.store.deployments import StoredDeployments
from bot.store.digests import StoredDigests
from bot.store.effects import OutboxWriter, Wanted
from bot.store.failures import StoredFailures
from bot.store.frozen import StoredFrozen
from bot.store.ids import new_id
from bot.store.links import StoredLinks
from bot.store.locks import StoredLocks
from bot.store.my_settings import StoredMySettings
from bot.store.publishing import StoredReleases
from bot.store.quarantines import StoredQuarantines
from bot.store.runs import StoredMarks, StoredRuns
from bot.store.slots import StoredSlots
from bot.store.statements import the, this
from bot.store.subjects import StoredSubjects
from bot.store.subscriptions import StoredSubscriptions
from bot.store.tables import deployments, events, inbox
from bot.store.turns import StoredTurns
from bot.store.votes import StoredVotes
from bot.store.waiters import StoredWaiters
from bot.store.wakeups import Wake
from bot.store.work import hold, want_all

log = logging.getLogger(__name__)

_ADD_EVENT = events.insert()
_PLACE = select(deployments.c.service, deployments.c.environment).where(
    this(deployments, "workspace_id", "id")
)
_MARK_HANDLED = (
    update(inbox)
    .where(this(inbox, "workspace_id", "id", "fence", "owner"))
    .where(inbox.c.handled_at.is_(None), inbox.c.dead_at.is_(None))
    .values(owner=None, until=None)
)


class Wishes:
    """The keys that a unit of work wants looked at."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.by_key: dict[str, datetime] = {}

    async def want(self, key: str, at: datetime | None = None) -> None:
        """Look at `key` at `at`, or at once; never later than it was wanted before."""
        moment = self._now if at is None else at
        self.by_key[key] = min(moment, self.by_key.get(key, moment))


class Unit:
    """The UnitOfWork of one transaction."""

    def __init__(
        self, database: Database, connection: AsyncConnection, workspace: str, now: datetime
    ) -> None:
        self.database = database
        self.connection = connection
        self.workspace = workspace
        self.now = now
        self.work = Wishes(now)
        self.slots = StoredSlots(database, connection, workspace, now)
        self.deployments = StoredDeployments(self)
        self.votes = StoredVotes(self)
        self.locks = StoredLocks(database, connection, workspace, now)
        self.quarantines = StoredQuarantines(database, connection, workspace, now)
        self.failures = StoredFailures(database, connection, workspace, now)
        self.waiting_list = StoredWaiters(database, connection, workspace, now)
        self.subjects = StoredSubjects(database, connection, workspace, now)
        self.subscriptions = StoredSubscriptions(database, connection, workspace, now)
        self.links = StoredLinks(self)
        self.turns = StoredTurns(database, connection, workspace, now)
        self.courses = StoredCourses(database, connection, workspace, now)
        self.frozen = StoredFrozen(database, connection, workspace, now)
        self.published = StoredReleases(database, connection, workspace, now)
        self.runs = StoredRuns(database, connection, workspace, now)
        self.marks = StoredMarks(database, connection, workspace, now)
        self.digests = StoredDigests(database, connection, workspace, now)
        self.my_settings = StoredMySettings(database, connection, workspace, now)
        self._entries: list[Entry] = []
        self._recorded: list[tuple[Event, Actor]] = []
        self._effects: list[Wanted] = []

    async def record(self, event: Event, actor: Actor) -> None:
        """Write the event and its audit record."""
        facts = _facts(event)
        kind = type(event).__name__
        row = {
            "workspace_id": self.workspace,
            "id": new_id(),
            "kind": kind,
            "deployment_id": facts.get("deployment"),
            **mapping.actor_columns(actor, "actor_"),
            "body": facts,
            "at": self.now,
        }
        await self.connection.execute(_ADD_EVENT, row)
        self._recorded.append((event, actor))
        self._entries.append(Entry(actor, kind, facts, await self._place(facts)))

    async def _place(self, facts: dict[str, Canonical]) -> tuple[str, str]:
        """The service and environment of an event: named by it, or those of its deployment."""
        id = facts.get("deployment")
        if "service" in facts or not isinstance(id, str):
            return str(facts.get("service", "")), str(facts.get("environment", ""))
        places = self.deployments.places
        if id not in places:
            which = the(workspace_id=self.workspace, id=id)
            found = (await self.connection.execute(_PLACE, which)).one_or_none()
            places[id] = (found.service, found.environment) if found else ("", "")
        return places[id]

    async def show(self, effect: Effect, *, urgent: bool = False) -> None:
        """Put an effect into the outbox."""
        self._effects.append(Wanted(effect, urgent))

    async def finish(self, hear: Hear | None) -> set[Wake]:
        """Write what was gathered, in the order of the locks; says whom to wake after the commit."""
        if hear is not None:
            await hear(self, tuple(self._recorded), tuple(each.effect for each in self._effects))
        await want_all(self.database, self.connection, self.workspace, self.work.by_key)
        await OutboxWriter(self.database, self.connection, self.workspace, self.now).put(self._effects)
        await append(self.database, self.connection, self.workspace, self.now, self._entries)
        wakes = {Wake.WORK} if self.work.by_key else set()
        return wakes | {Wake.OUTBOX} if self._effects else wakes


class SqlUnits:
    """Opens units of work."""

    def __init__(self, database: Database, hear: Hear | None = None) -> None:
        self._database = database
        self._hear = hear

    @asynccontextmanager
    async def begin(
        self, workspace: str, step: Step, *, lease: Lease | None = None, handles: Delivery | None = None
    ) -> AsyncIterator[Unit]:
        """With a lease: LeaseLost when somebody else has taken it over. `handles` marks a delivery done."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            if handles is not None:
                await _mark_handled(connection, handles, now)
            if lease is not None:
                await hold(self._database, connection, lease, now)
            unit = Unit(self._database, connection, workspace, now)
            yield unit
            wakes = await unit.finish(self._hear)
        log.debug("%s: committed in %s", step, workspace)
        self._database.ring(wakes)


async def _mark_handled(connection: AsyncConnection, delivery: Delivery, now: datetime) -> None:
    """In the same commit as its effects, and only by whoever it is leased to."""
    lease = delivery.lease
    ours = the(workspace_id=lease.workspace, id=delivery.id, fence=lease.fence, owner=lease.owner)
    done = await connection.execute(_MARK_HANDLED, {**ours, "handled_at": now})
    if done.rowcount == 0:
        raise LeaseLost(delivery.id)


def _facts(event: Event) -> dict[str, Canonical]:
    return {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def _plain(value: Canonical | Enum) -> Canonical:
    return str(value.value) if isinstance(value, Enum) else value
