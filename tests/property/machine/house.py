"""The engine over a real database, with a code host in memory; it dies and starts again at will."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import text

from bot.core.errors import LeaseLost, UserError
from bot.core.intents import AskDeployment, Intent
from bot.core.ports import Provider
from bot.core.records import Delivery, Deployment, Lane, Receipt, Source, Wish
from bot.core.resolving import Standing, resolve
from bot.core.runs import RUN_ENDS, RunStatus
from bot.core.standing_ports import Sights
from bot.core.steps import Step
from bot.core.superseding import contained, own_in_line
from bot.core.values import DeploymentId, Person, Place
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.slack.deliveries import Incoming, body_of
from bot.slack.dispatch import handle
from bot.slack.understanding import Surroundings
from bot.store.database import LEASE
from bot.store.inbox import SqlInbox
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from bot.store.store import Store
from commands import COMMANDS
from tests.fakes.chat import FakeChannels, FakeDirectory, FakeOpener
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import NOON, actor
from tests.fakes.standings import FakeGlances
from tests.fakes.world import world_of
from tests.property.machine.blows import Blow, Fate, FatefulUnits, fateful
from tests.property.machine.town import AUTHOR, PEOPLE, REGIMES, Regime, Writers, catalog_for

T = TypeVar("T")
HERE = Place("C0DEPLOYS1")
AFTER_LEASE = LEASE + timedelta(seconds=1)


class House:
    """`with House(url) as house`: one database for many walks, and for each a workspace of its own."""

    def __init__(self, url: str) -> None:
        self.clock = StillClock()
        self._url = url
        self._walks = 0
        self._heard = 0

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._runner.__enter__()
        self.store = self.run(self._open())
        self.begin()
        return self

    def __exit__(self, *error: object) -> None:
        self.run(self.store.close())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let it happen."""
        return self._runner.run(work)

    async def _open(self) -> Store:
        return Store(self._url, self.clock, owner="one", database_time=False)

    def begin(self) -> None:
        """Another walk: nobody has asked for anything, and it is noon."""
        self._walks += 1
        self.workspace = f"T{self._walks:06}"
        self.clock.time = NOON
        self.forge: FakeForge = seeded(self.clock)
        self.forge.workflows["deploy.yml"] = replace(
            self.forge.workflows["deploy.yml"], optional=("operation",)
        )
        self.directory = FakeDirectory(dict(PEOPLE))
        self.regime: Regime = REGIMES[0]
        self.fate = Fate()
        self.deaths = 0
        self.start()
        self.run(self._forget())

    async def _forget(self) -> None:
        """What the walk before left to look at is nobody's business any more."""
        async with self.store.database.write() as connection:
            await connection.execute(text("DELETE FROM work"))
            await connection.execute(text("DELETE FROM leases"))

    def start(self) -> None:
        """A process begins: it knows nothing but what is stored."""
        store, forge = self.store, self.forge
        provider = fateful(Provider(forge.code, forge.pins, forge.ci, forge.doors), self.fate)
        world = world_of(
            store,
            forge,
            self.clock,
            lambda: catalog_for(self.regime),
            self.directory,
            units=FatefulUnits(store.units, self.fate),
            providers={"github": provider},
            accounts={"github": Writers()},
        )
        self.reconciler = Reconciler(world, Bell())

    def die(self) -> None:
        """Whatever it had leased is free when the lease has run out."""
        self.deaths += 1
        self.fate.forget()
        self.start()
        self.clock.time += AFTER_LEASE

    async def look(self) -> int:
        """At everything that is due; how many keys that were."""
        leases = await self.store.work.claim(20)
        for lease in leases:
            try:
                again = await self.reconciler.look(lease)
                await self.store.work.requeue(lease, again.delay)
            except LeaseLost:
                continue
        return len(leases)

    async def takes_over(self) -> None:
        """Another process looks while this one sleeps for longer than its leases last."""
        self.clock.time += AFTER_LEASE
        await self.look()

    async def asks(self, person: Person, wish: Wish, *, read: bool, replaces: bool = False) -> None:
        """With the commits read at once, or left to be read later; in place of what they asked for before."""
        catalog = catalog_for(self.regime)
        resolution, retires = None, tuple[DeploymentId, ...]()
        if read:
            service, place = (
                catalog.service(wish.service),
                catalog.environment(wish.service, wish.environment),
            )
            assert service is not None
            assert place is not None
            resolution = await resolve(self.forge.code, service, place, wish, Standing(None))
        if resolution is not None and replaces:
            mine = await own_in_line(self.store.queries, self.workspace, wish, actor(person))
            retires = await contained(self.forge.code, self.forge.full_name, resolution, mine)
        await self.does(person, AskDeployment(wish, resolution, HERE.channel, retires))

    async def does(self, person: Person, intent: Intent) -> str:
        """In one unit of work; why not, if it was refused."""
        try:
            async with self.store.units.begin(self.workspace, Step.HANDLE_DELIVERY) as uow:
                await apply(uow, intent, Asker(actor(person), HERE), catalog_for(self.regime))
        except UserError as error:
            return f"{error.what} {error.why}"
        return ""

    async def hears(self, incoming: Incoming) -> None:
        """Something that a person typed or filled in, the whole way from the inbox on."""
        self._heard += 1
        key, body = f"k{self._heard}", body_of(incoming)
        receipt = Receipt(self.workspace, Source.SLACK, incoming.lane, incoming.kind, key, key, body)
        writer = ReceiptWriter(self._url, Seal([]), self.clock)
        writer.write([receipt])
        writer.close()
        (delivery,) = await SqlInbox(self.store.database, Seal([])).claim((Lane.INTERACTIVE,), 1)
        await self._handle(delivery)

    async def _handle(self, delivery: Delivery) -> None:
        catalog, store = catalog_for(self.regime), self.store
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
            sights=Sights(store.standings, FakeGlances()),
            permalink=str,
            directory=self.directory,
            channels=FakeChannels(),
            opener=FakeOpener(),
            clock=self.clock,
            catalog=lambda: catalog,
            code_hosts={"github": self.forge.code},
            commands=COMMANDS,
            home=lambda: self.workspace,
        )
        await handle(around, delivery)

    async def deployments(self) -> tuple[Deployment, ...]:
        """As they are on record, the oldest first."""
        return (await self.store.queries.recent(self.workspace, None, None, 100))[::-1]

    async def rows(self, query: str, **more: object) -> list[tuple[Any, ...]]:
        """Of this walk."""
        async with self.store.database.read() as connection:
            found = await connection.execute(text(query), {"workspace": self.workspace, **more})
            return [tuple(row) for row in found]

    async def trail(self, after: int) -> list[dict[str, Any]]:
        """What was audited since."""
        query = "SELECT body FROM audit WHERE workspace_id = :workspace AND seq > :after ORDER BY seq"
        return [json.loads(bytes(body)) for (body,) in await self.rows(query, after=after)]

    def tip(self) -> str:
        """Where the default branch stands."""
        return self.forge.git.refs[HEADS + "main"]

    def pins(self) -> list[str]:
        """The tags of ours that were not taken away."""
        return [name for name in self.forge.git.refs if name.startswith(TAGS + "slipway/")]

    def pushes(self) -> None:
        """Somebody merges something else."""
        title, before = f"Change {len(self.forge.git.nodes)}", self.forge.git.refs[HEADS + "main"]
        commit = self.forge.git.commit(title, AUTHOR, self.clock.now(), (before,), ("src/app.py",))
        self.forge.git.refs[HEADS + "main"] = commit

    def runs_become(self, status: RunStatus) -> None:
        """All that have not ended."""
        for each in list(self.forge.runs.values()):
            if each.run.status not in RUN_ENDS:
                self.forge.set_status(each.run.ref, status)

    def mends_forge(self) -> None:
        """It answers, and shows everything."""
        self.forge.down, self.forge.lose_answers, self.forge.hide_new_runs = False, 0, False
        for each in self.forge.runs.values():
            each.hidden = False

    def expects(self, blow: Blow, moments: int, person: Person, intent: Intent | None) -> None:
        """The next look is hit by it."""
        match blow:
            case Blow.DEATH:
                self.fate.expect(blow, moments)
            case Blow.PAUSE:
                self.fate.expect(blow, moments, self.takes_over)
            case Blow.MEANWHILE if intent is not None:
                self.fate.expect(blow, moments, lambda: self._decides(person, intent))
            case Blow.MEANWHILE:
                self.fate.forget()

    async def _decides(self, person: Person, intent: Intent) -> None:
        await self.does(person, intent)
