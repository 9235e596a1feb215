"""One deployment that is there and has to be verified, over a real database and a forge in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.core.archive import Extent, TrailWish
from bot.core.catalog import Environment
from bot.core.intents import AskDeployment, Intent, Settle, Settlement
from bot.core.lifecycle import State
from bot.core.pipelines import Pin
from bot.core.ports import Provider
from bot.core.records import Deployment
from bot.core.rules import RollbackPlan, Verification
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.values import Place
from bot.core.verifications import Measured
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.engine.world import work_key
from bot.store.store import Store
from tests.fakes.forge import FakeCi, FakeForge, FakeWorkflow, seeded
from tests.fakes.metrics import FakeMetrics
from tests.fakes.probe import FakeProbe
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import ADA, LINUS, PIPELINE, TEAM, actor, catalog, policy, service, wish
from tests.fakes.world import world_of


@dataclass
class Desk:
    """A reconciler over a real database; its clock stands still unless a test moves it."""

    store: Store
    clock: StillClock
    rules: tuple[Verification, ...]
    pin: Pin = Pin.TAG
    automatic: bool = False  # what fails goes back by itself
    number: int = 0  # of the deployment that was asked for last
    probe: FakeProbe = field(default_factory=FakeProbe)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)

    def __post_init__(self) -> None:
        self.forge: FakeForge = seeded(self.clock)
        pipeline = replace(PIPELINE, accepts=(), pin=self.pin)
        rules = policy(verify=self.rules, pipeline=pipeline, rollback=RollbackPlan(automatic=self.automatic))
        known = catalog(service("api", Environment("staging", rules)))
        self.forge.workflows["smoke.yml"] = FakeWorkflow(optional=("environment", "operation"))
        self.ci: FakeCi = self.forge.ci
        self.world = world_of(
            self.store,
            self.forge,
            self.clock,
            lambda: known,
            probe=self.probe,
            metrics=self.metrics,
        )
        self.reconciler = Reconciler(self.world, Bell())

    def speaks_through(self, ci: FakeCi) -> None:
        """Another adapter for pipelines, which may lose what it hears."""
        forge = self.forge
        odd = {"github": Provider(forge.code, forge.pins, ci, forge.doors)}
        self.world = replace(self.world, providers=odd)
        self.reconciler = Reconciler(self.world, Bell())

    async def says(self, intent: Intent) -> None:
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            who = actor(LINUS) if isinstance(intent, AskDeployment) else actor(ADA)
            await apply(uow, intent, Asker(who, Place("C1")), self.world.catalog())

    async def settles(self, word: Settlement) -> None:
        """Ada presses a button."""
        await self.says(Settle(self.number, word))

    async def asks(self, ref: str = "main") -> Deployment:
        """Linus asks; it is dispatched, and runs."""
        await self.says(AskDeployment(wish(inputs=(), ref=ref), None, "#api-deploys"))
        self.number += 1
        mine = work_key((await self.now()).id)
        (self.lease,) = [each for each in await self.world.queue.claim(9) if each.key == mine]
        return await self.looks()

    async def arrives(self, ref: str = "main") -> Deployment:
        """Its run succeeds, and it is looked at once."""
        running = await self.asks(ref)
        assert running.run is not None, running.note
        self.forge.set_status(running.run.ref, RunStatus.SUCCESS)
        return await self.looks(timedelta(seconds=3))

    async def looks(self, after: timedelta = timedelta()) -> Deployment:
        """So much later."""
        self.clock.time += after
        self.delay = (await self.reconciler.look(self.lease)).delay
        return await self.now()

    async def goes_on(self, looks: int = 200) -> Deployment:
        """Whenever it wants to be looked at, until it does not any more."""
        found = await self.now()
        for _ in range(looks):
            if self.delay is None or found.state is not State.VERIFYING:
                return found
            found = await self.looks(self.delay)
        raise AssertionError(f"it never came to an end: {found.verifications}")

    async def now(self) -> Deployment:
        found = await self.store.queries.deployment(TEAM, self.number)
        assert found is not None
        return found

    async def only(self) -> Measured:
        """Its one verification."""
        (found,) = (await self.now()).verifications
        return found

    async def trail(self, *kinds: str) -> list[str]:
        """The events of these kinds, oldest first."""
        wanted = TrailWish(Extent(frozenset({("api", "staging")}), elsewhere=False), deployment=self.number)
        page = await self.store.archive.trail(TEAM, wanted)
        return [each.event for each in reversed(page.rows) if each.event in kinds]

    @property
    def smokes(self) -> int:
        """How often the smoke workflow was started."""
        return sum(each.spec.workflow == "smoke.yml" for each in self.forge.runs.values())
