"""The store as `app` builds it: one object that opens, hands out the ports, and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import update

from bot.core.catalog import BUDGET
from bot.core.hearing import Hear
from bot.core.ports import Clock
from bot.store.archive import SqlArchive
from bot.store.audit import AuditLog
from bot.store.courses import SqlCourses
from bot.store.database import LEASE, Database
from bot.store.dead_letters import DeadLetters
from bot.store.digests import SqlDigests
from bot.store.failures import SqlFailures
from bot.store.frozen import SqlFrozen
from bot.store.happenings import SqlHappenings
from bot.store.heard import SqlHeard
from bot.store.links import SqlLinks
from bot.store.listening import Listening
from bot.store.locks import SqlLocks
from bot.store.my_settings import SqlMySettings
from bot.store.outbox import CARD_PACE, SqlOutbox
from bot.store.publishing import SqlShelf
from bot.store.quarantines import SqlQuarantines
from bot.store.queries import SqlQueries
from bot.store.readings import SqlReadings
from bot.store.releases import SqlReleases
from bot.store.runs import SqlRuns
from bot.store.schema import SchemaState, check
from bot.store.sightings import SqlSightings
from bot.store.standings import SqlStandings
from bot.store.subscriptions import SqlSubscriptions
from bot.store.tables import inbox, leases, workspaces
from bot.store.turns import TurnBook
from bot.store.units import SqlUnits
from bot.store.wakeups import Wake, Wakeup
from bot.store.work import SqlWorkQueue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Store:
    """Everything that is kept. `owner` names this process in leases.

    `database_time`: the database's clock rules, as it must where replicas share one; without it the given
    clock does, which is for tests with a time of their own.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        owner: str,
        database_time: bool = True,
        lease: timedelta = LEASE,
        card_pace: timedelta = CARD_PACE,
        hear: Hear | None = None,
        budget: Callable[[], int] = lambda: BUDGET,
    ) -> None:
        self._url = url
        self.database = Database(url, owner, None if database_time else clock, lease)
        self.units = SqlUnits(self.database, hear)
        self.work = SqlWorkQueue(self.database)
        self.outbox = SqlOutbox(self.database, card_pace, budget)
        self.queries = SqlQueries(self.database)
        self.releases = SqlReleases(self.database)
        self.locks = SqlLocks(self.database)
        self.quarantines = SqlQuarantines(self.database)
        self.failures = SqlFailures(self.database)
        self.subscriptions = SqlSubscriptions(self.database)
        self.links = SqlLinks(self.database)
        self.readings = SqlReadings(self.database)
        self.turns = TurnBook(self.database)
        self.courses = SqlCourses(self.database)
        self.frozen = SqlFrozen(self.database)
        self.shelf = SqlShelf(self.database)
        self.runs = SqlRuns(self.database)
        self.standings = SqlStandings(self.database)
        self.sightings = SqlSightings(self.database)
        self.heard = SqlHeard(self.database)
        self.digests = SqlDigests(self.database)
        self.my_settings = SqlMySettings(self.database)
        self.happenings = SqlHappenings(self.database)
        self.dead_letters = DeadLetters(self.database)
        self.archive = SqlArchive(self.database)
        self.audit = AuditLog(self.database)
        self.listening = Listening(self.database, clock)

    async def schema_state(self) -> SchemaState:
        """How the database compares with this version of Slipway."""
        return await asyncio.to_thread(check, self._url)

    async def register_workspace(self, team: str, name: str, bot_user: str) -> None:
        """Know a workspace, under its present name."""
        async with self.database.write() as connection:
            now = await self.database.now(connection)
            known = {"name": name, "bot_user": bot_user}
            row = {"workspace_id": team, "created_at": now} | known
            upsert = self.database.insert(workspaces).values(row)
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["workspace_id"], set_=known)
            )

    async def take_over(self) -> None:
        """Free what an earlier process of ours still had leased. Only where no other process can be alive.

        Not what it was about to show: its last calls may arrive yet, and their leases run out by themselves.
        """
        async with self.database.write() as connection:
            for table in (leases, inbox):
                await connection.execute(update(table).where(table.c.until.is_not(None)).values(until=EPOCH))

    def wakeup(self, *wakes: Wake) -> Wakeup:
        """An ear for a loop that waits for these; the first one begins to hear other replicas as well."""
        if not self.database.sqlite:
            self.listening.start()
        return self.database.bells.listen(*wakes)

    async def close(self) -> None:
        """Stop listening and let go of every connection."""
        await self.listening.stop()
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
