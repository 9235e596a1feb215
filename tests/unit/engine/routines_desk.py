"""One process that measures on a schedule, over a real database; time passes where a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.core.catalog import Catalog, Environment
from bot.core.effects import Tell
from bot.core.lifecycle import Trigger
from bot.core.metrics import MetricReading
from bot.core.records import Attempt, Deployment
from bot.core.routines import PREFIX
from bot.core.rules import HttpVerification, MetricSource, MetricVerification, Routine
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.core.verify_ports import Answered, HttpReading
from bot.engine.again import NEVER
from bot.engine.reconciler import Reconciler
from bot.engine.routines import take_turns
from bot.store.store import Store
from tests.contract.store_support import TO_RUNNING, follow, new, resolution
from tests.fakes.chat import FakeDirectory
from tests.fakes.metrics import FakeMetrics
from tests.fakes.probe import FakeProbe
from tests.fakes.queues import Bell
from tests.fakes.samples import SRE, TEAM, catalog, policy, service
from tests.fakes.world import world_of
from tests.unit.slack.room import Room

HOURS = timedelta(hours=4)
HEALTH = HttpVerification("https://api.example.com/health", passes=3, version_header="X-Version")
SOURCE = MetricSource("main", "https://prometheus.example.com")
ERRORS = MetricVerification(SOURCE, "errors", timedelta(minutes=5), below=Decimal("0.05"))
RIGHT = Answered(200, b"ok", (("x-version", "a" * 40),))
BROKEN = Answered(503)
NO_VALUE = MetricReading(None, "no series")
ENDED = (Trigger.RUN_SUCCEEDED, Trigger.VERIFY)


def known_of(*rules: HttpVerification | MetricVerification, **more: Any) -> Catalog:
    """The service api with these on a schedule, in staging."""
    routines = tuple(Routine(each, HOURS) for each in rules)
    there = Environment("staging", policy(verify=rules), url="https://staging.example.com", routines=routines)
    return catalog(service("api", there, **({"channel": "#api", "owners": (SRE,)} | more)))


@dataclass
class Tower:
    """One process that takes turns and looks, on a clock that the test moves."""

    here: Room
    store: Store
    known: Catalog
    probe: FakeProbe = field(default_factory=lambda: FakeProbe([RIGHT]))
    metrics: FakeMetrics = field(default_factory=FakeMetrics)

    def __post_init__(self) -> None:
        self.world = world_of(
            self.store,
            self.here.forge,
            self.here.clock,
            lambda: self.known,
            FakeDirectory(lists_groups=True),
            probe=self.probe,
            metrics=self.metrics,
        )

    def says(self, reading: HttpReading) -> None:
        self.probe.readings = [reading]

    async def deploys(self, *triggers: Trigger) -> Deployment:
        """Somebody deployed, as far as this."""
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            added = await uow.deployments.add(new())
            sent = replace(added, resolution=resolution(), attempt=Attempt.SENT, attempted_at=uow.now)
            resolved = await uow.deployments.save(sent)
            return await follow(uow, resolved, *TO_RUNNING, *triggers)

    async def moves(self, deployment: Deployment, *triggers: Trigger) -> None:
        async with self.world.units.begin(TEAM, Step.VERIFY) as uow:
            found = await uow.deployments.get(deployment.id)
            for each in triggers:
                found = await uow.deployments.move(found, each, SLIPWAY, "so")

    async def ticks(self) -> int:
        """How many turns were taken at this tick."""
        before = {each.place: each.slot for each in await self.store.courses.of(TEAM)}
        await take_turns(self.world)
        after = {each.place: each.slot for each in await self.store.courses.of(TEAM)}
        return sum(before.get(place) != slot for place, slot in after.items())

    async def looks(self, most: int = 99) -> int:
        """Whoever wants a look gets it, until nobody wants one soon; how many that were."""
        count, queue = 0, self.world.queue
        while count < most:
            for lease in await queue.claim(9):
                ours = lease.key.startswith(PREFIX)
                again = await Reconciler(self.world, Bell()).look(lease) if ours else NEVER
                await queue.requeue(lease, again.delay)
                count += ours
            due = await queue.next_due()
            if due is None or due > HOURS / 2:
                break
            self.here.clock.time += max(due, timedelta()) if count < most else timedelta()
        return count

    async def round(self) -> list[Tell]:
        """The next slot: who is due is measured to its end; what was told."""
        self.here.clock.time += HOURS
        await self.ticks()
        await self.looks()
        return await self.told()

    async def told(self) -> list[Tell]:
        return [each for each in await self.here.effects() if isinstance(each, Tell)]

    async def trail(self) -> list[str]:
        found = [each for each in await self.here.records() if each["event"] == "RoutineTurned"]
        return [each["facts"]["turn"] for each in found]
