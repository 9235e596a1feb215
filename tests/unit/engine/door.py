"""A place at whose gate runs wait that began elsewhere, and the people around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.core.archive import Extent, TrailRecord, TrailWish
from bot.core.catalog import Catalog, Environment
from bot.core.gate_runs import GateWord
from bot.core.identity import Identity, RepositoryRole
from bot.core.intents import CastVote
from bot.core.linking import Account
from bot.core.pipelines import Pin, Start
from bot.core.ports import Provider
from bot.core.records import Deployment, Lease
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.runs import RunRef, TriggerSpec
from bot.core.steps import Step
from bot.core.values import Person, Place, operation_key
from bot.core.votes import VoteKind
from bot.engine import knocking
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.store.store import Store
from tests.fakes.chat import FakeChannels, FakeDirectory
from tests.fakes.forge import FakeCi, FakeWorkflow, seeded
from tests.fakes.git import HEADS
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import ADA, LINUS, PIPELINE, SRE, TEAM, actor, catalog, policy, service
from tests.fakes.world import world_of

RULES = Approvals((ApprovalRule(1, (SRE,)),), (Exclusion.REQUESTER,), expires=timedelta(hours=4))
GATED = policy(pipeline=replace(PIPELINE, start=Start.GATE, pin=Pin.GATE), approvals=RULES)
VOTER = replace(ADA, login="ada", account_id="5")


def known() -> Catalog:
    return catalog(service("api", Environment("staging", GATED), channel="#api-deploys"))


@dataclass(frozen=True)
class BrittleCi(FakeCi):
    """A CiProvider whose answers to gates go wrong as often as it is told; or somebody there is quicker."""

    fails: list[Exception]
    first: list[Callable[[], object]]

    async def answer(self, ref: RunRef, gate: str, word: GateWord, comment: str) -> bool:
        if self.fails:
            raise self.fails.pop()
        while self.first:
            self.first.pop()()
        return await super().answer(ref, gate, word, comment)


@dataclass
class Roles:
    """The port Accounts: everybody has this role."""

    role: RepositoryRole = RepositoryRole.WRITE

    async def identity(self, repository: str, account: Account) -> Identity:  # noqa: ARG002
        return Identity(account.login, self.role)


@dataclass
class Door:
    """A reconciler over a real database, and a forge where a run waits at staging."""

    store: Store
    clock: StillClock
    catalog: Catalog = field(default_factory=known)
    fails: list[Exception] = field(default_factory=list)
    first: list[Callable[[], object]] = field(default_factory=list)
    channels: FakeChannels = field(default_factory=FakeChannels)
    accounts: Roles = field(default_factory=Roles)

    def __post_init__(self) -> None:
        self.forge = seeded(self.clock)
        self.forge.workflows["deploy.yml"] = self.forge.workflows["other.yml"] = FakeWorkflow()
        people = {each.id: each for each in (VOTER, LINUS)}
        ci = BrittleCi(self.forge, self.fails, self.first)
        brittle = Provider(self.forge.code, self.forge.pins, ci, self.forge.doors)
        self.world = world_of(
            self.store,
            self.forge,
            self.clock,
            lambda: self.catalog,
            FakeDirectory(people),
            providers={"github": brittle},
            accounts={"github": self.accounts},
            channels=self.channels,
        )
        self.reconciler = Reconciler(self.world, Bell())

    async def run(self, workflow: str = "deploy.yml") -> RunRef:
        """One that somebody started there, and that waits."""
        sha = self.forge.git.refs[HEADS + "main"]
        spec = TriggerSpec(
            "github",
            "acme/api",
            workflow,
            HEADS + "main",
            (),
            operation_key("slw-9-aaaaaaaaaa"),
            sha,
            pinned=False,
        )
        receipt = await self.world.providers["github"].ci.trigger(spec)
        assert receipt.run is not None
        mine = self.forge.runs[receipt.run.external_id]
        mine.run = replace(mine.run, title="Deploy")
        self.forge.wait_at(receipt.run, "staging")
        return receipt.run

    async def knock(self, ref: RunRef, gate: str = "staging") -> None:
        await self.world.queue.want(TEAM, knocking.key(ref, gate))
        await self.settle()

    async def settle(self, after: timedelta = timedelta()) -> None:
        """Look at whatever is due, once each, and at what that wants."""
        self.clock.time += after
        for _ in range(6):
            leases = await self.world.queue.claim(10)
            for lease in leases:
                await self._look(lease)

    async def _look(self, lease: Lease) -> None:
        again = await self.reconciler.look(lease)
        await self.world.queue.requeue(lease, again.delay)

    async def votes(self, kind: VoteKind, voter: Person = VOTER, reason: str = "") -> None:
        deployment = await self.now()
        intent = CastVote(1, deployment.digest or "", kind, voter, reason)
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            await apply(uow, intent, Asker(actor(voter), Place("C1")), self.catalog)
        await self.settle()

    async def now(self, number: int = 1) -> Deployment:
        found = await self.store.queries.deployment(TEAM, number)
        assert found is not None
        return found

    async def trail(self, event: str) -> list[TrailRecord]:
        scope = Extent(frozenset({("api", "staging")}), elsewhere=True)
        page = await self.store.archive.trail(TEAM, TrailWish(scope, event=event))
        return list(page.rows)
