"""A chat room over a real database: somebody says something, and we look at what was committed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.core.catalog import Catalog
from bot.core.effects import Answer, Effect
from bot.core.ports import Provider
from bot.core.records import Deployment, Lane, Receipt, Source
from bot.core.standing_ports import Sights
from bot.engine.glancing import Glancing
from bot.slack.deliveries import Incoming, body_of
from bot.slack.dispatch import handle
from bot.slack.understanding import Surroundings
from bot.store.inbox import SqlInbox
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from bot.store.store import Store
from bot.store.tables import audit
from commands import COMMANDS
from tests.fakes.chat import FakeChannels, FakeDirectory, FakeOpener
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.queues import StillClock
from tests.fakes.samples import TEAM, catalog
from tests.fakes.standings import FakeRuns


@dataclass
class Room:
    """Everything around the dispatch."""

    store: Store
    url: str
    clock: StillClock
    around: Surroundings
    directory: FakeDirectory
    opener: FakeOpener
    channels: FakeChannels
    forge: FakeForge
    runs: FakeRuns
    count: int = 0
    answers: list[Answer] = field(default_factory=list)
    shown: list[Effect] = field(default_factory=list)  # after the last delivery, answers among them

    async def hears(self, incoming: Incoming, *headers: tuple[str, str]) -> str:
        """Handle one delivery; what the person was told, if anything."""
        self.count += 1
        key = incoming.key + f"-{self.count}"
        body = body_of(incoming)
        receipt = Receipt(
            TEAM, Source.SLACK, incoming.lane, incoming.kind, key, f"s{key}", body, headers=headers
        )
        self._write(receipt)
        [delivery] = await SqlInbox(self.store.database, Seal([])).claim((Lane.INTERACTIVE, Lane.EVENTS), 1)
        await handle(self.around, delivery)
        self.shown = await self.effects()
        self.answers = [each for each in self.shown if isinstance(each, Answer)]
        return "\n".join(answer.text.plain() for answer in self.answers)

    def _write(self, receipt: Receipt) -> None:
        writer = ReceiptWriter(self.url, Seal([]), self.clock)
        writer.write([receipt])
        writer.close()

    async def effects(self) -> list[Effect]:
        """What waits in the outbox; it is taken."""
        parcels = await self.store.outbox.claim(50)
        for parcel in parcels:
            await self.store.outbox.delivered(parcel, None)
        return [parcel.effect for parcel in parcels]

    async def deployment(self, number: int = 1) -> Deployment | None:
        return await self.store.queries.deployment(TEAM, number)

    async def records(self, after: int = 0) -> list[dict[str, Any]]:
        """The audit trail, read back from that record on."""
        mine = select(audit.c.body).where(audit.c.workspace_id == TEAM, audit.c.seq > after)
        async with self.store.database.read() as connection:
            return [json.loads(body) for body in await connection.scalars(mine.order_by(audit.c.seq))]

    def knows(self, found: Catalog) -> None:
        """Another catalog from now on."""
        self.around = replace(self.around, catalog=lambda: found)


@asynccontextmanager
async def room(url: str) -> AsyncIterator[Room]:
    """Open it."""
    clock = StillClock()
    store = Store(url, clock, owner="one", database_time=False, card_pace=timedelta())
    async with store:
        await store.register_workspace(TEAM, "Acme", "U0SLIPWAY1")
        directory, opener, forge = FakeDirectory(), FakeOpener(), seeded(clock)
        channels = FakeChannels()
        known, runs = catalog(), FakeRuns(clock)
        provider = Provider(forge.code, forge.pins, forge.ci, forge.doors, runs=runs)
        looks = Glancing({"github": provider}, store.sightings, store.runs, clock.now)
        around = Surroundings(
            units=store.units,
            queries=store.queries,
            releases=store.releases,
            locks=store.locks,
            quarantines=store.quarantines,
            subscriptions=store.subscriptions,
            archive=store.archive,
            digests=store.digests,
            happenings=store.happenings,
            sights=Sights(store.standings, looks),
            permalink=lambda posted: f"https://chat.test/{posted.channel}/{posted.ts}",
            directory=directory,
            channels=channels,
            opener=opener,
            clock=clock,
            catalog=lambda: known,
            code_hosts={"github": forge.code},
            commands=COMMANDS,
            home=lambda: TEAM,
        )
        yield Room(store, url, clock, around, directory, opener, channels, forge, runs)
