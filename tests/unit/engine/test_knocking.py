"""Runs that began elsewhere and wait for us: one card each, the answer after a crash, and what expires."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.core.archive import Extent, TrailRecord, TrailWish
from bot.core.catalog import Catalog, Environment
from bot.core.errors import Ambiguous
from bot.core.gate_runs import AnswerState, GateDecision, GateWord
from bot.core.identity import Identity, RepositoryRole
from bot.core.intents import CastVote
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.pipelines import Pin, Start
from bot.core.ports import Provider
from bot.core.records import Attempt, Deployment, Lease
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.runs import RunRef, RunStatus, TriggerSpec
from bot.core.steps import Step
from bot.core.values import ActorKind, Person, Place, operation_key
from bot.core.votes import VoteKind
from bot.engine import knocking
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.chat import FakeChannels, FakeDirectory
from tests.fakes.forge import FakeCi, FakeWorkflow, seeded
from tests.fakes.git import HEADS
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import ADA, LINUS, PIPELINE, SRE, TEAM, actor, catalog, policy, service
from tests.fakes.world import world_of

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

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


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Door(store, clock)


async def test_a_run_has_one_card_however_often_it_knocks(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    await door.knock(ref)
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert (waiting.requested_by.kind, waiting.requested_by.id) == (ActorKind.ACCOUNT, "github:1")
    assert await door.store.queries.deployment(TEAM, 2) is None
    await door.votes(VoteKind.APPROVE)
    assert (await door.now()).state is State.RUNNING
    assert door.forge.told == [
        (ref.external_id, "staging", GateWord.APPROVED, "Slipway #1: approved by Ada.")
    ]
    door.forge.set_status(ref, RunStatus.SUCCESS)
    await door.settle(timedelta(minutes=1))
    assert (await door.now()).state is State.SUCCEEDED
    assert len(door.forge.told) == 1
    assert len(await door.trail("GateAnswering")) == len(await door.trail("GateAnswered")) == 1


async def test_a_knock_at_what_is_decided_keeps_nobody_waiting(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    await door.votes(VoteKind.APPROVE)
    door.clock.slept.clear()
    await door.knock(ref)
    door.forge.set_status(ref, RunStatus.SUCCESS)
    await door.knock(ref)
    assert door.clock.slept == []
    assert len(door.forge.told) == 1


async def test_the_person_behind_a_linked_account_is_the_requester(door: Door) -> None:
    async with door.world.units.begin(TEAM, Step.LINK_TURN) as uow:
        await uow.links.put(Link(LINUS.id, Account("github", "1", "linus"), door.clock.now()))
    await door.knock(await door.run())
    waiting = await door.now()
    assert (waiting.requested_by.kind, waiting.requested_by.id) == (ActorKind.PERSON, LINUS.id)


@pytest.mark.parametrize("heard", [True, False], ids=["after the call", "before the call"])
async def test_a_crash_between_approval_and_answer_loses_nothing(door: Door, heard: bool) -> None:
    ref = await door.run()
    await door.knock(ref)
    if heard:
        door.forge.lose_answers = 1
    else:
        door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    sent = await door.now()
    assert (sent.state, sent.attempt, sent.gate_answer) == (State.DISPATCHING, Attempt.SENT, None)
    assert len(door.forge.told) == heard
    await door.settle(timedelta(minutes=1))
    done = await door.now()
    assert done.state is State.RUNNING
    assert done.gate_answer is not None
    assert done.gate_answer.state is (AnswerState.UNSURE if heard else AnswerState.GIVEN)
    assert len(door.forge.told) == 1
    (trail,) = await door.trail("GateAnswered")
    assert ("may have been decided at the code host meanwhile." in str(trail)) is heard


async def test_who_may_have_decided_at_the_code_host_while_it_was_down_is_named(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    door.forge.decided.append(GateDecision("staging", GateWord.APPROVED, "grace"))
    del door.forge.barred[ref.external_id]
    door.forge.set_status(ref, RunStatus.RUNNING)
    await door.settle(timedelta(minutes=1))
    done = await door.now()
    assert (done.state, door.forge.told) == (State.RUNNING, [])
    assert done.gate_answer is not None
    assert done.gate_answer.state is AnswerState.UNSURE
    (trail,) = await door.trail("GateAnswered")
    assert "meanwhile: grace approved it there." in str(trail)


async def test_an_answer_that_never_came_is_not_sent_hours_later_without_another_look(door: Door) -> None:
    """GitHub was down, or we were: what held by then must hold now as well."""
    await door.knock(await door.run())
    door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    assert (await door.now()).attempt is Attempt.SENT
    await door.settle(timedelta(hours=5))
    late = await door.now()
    assert late.state is State.EXPIRED
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


@pytest.mark.parametrize(
    ("word", "status", "end"),
    [
        (GateWord.REJECTED, RunStatus.FAILURE, State.STALE),
        (GateWord.APPROVED, RunStatus.RUNNING, State.BYPASSED),
    ],
)
async def test_whoever_is_quicker_at_the_code_host_is_named(
    door: Door, word: GateWord, status: RunStatus, end: State
) -> None:
    """Our word came too late, so the trail must not say that it counted."""
    ref = await door.run()
    await door.knock(ref)

    def decide() -> None:
        door.forge.barred.clear()
        door.forge.decided.append(GateDecision("staging", word, "torvalds"))
        door.forge.set_status(ref, status)

    door.first.append(decide)
    await door.votes(VoteKind.APPROVE)
    await door.settle(timedelta(minutes=1))
    ended = await door.now()
    assert (ended.state, "torvalds" in ended.note) == (end, True)
    assert ended.gate_answer is not None
    assert ended.gate_answer.state is AnswerState.NOT_TAKEN
    assert [each.facts["taken"] for each in await door.trail("GateAnswered")] == [False]


async def test_a_gate_that_took_no_word_at_first_is_turned_away_when_time_is_over(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    door.first.append(door.forge.barred.clear)
    await door.votes(VoteKind.APPROVE)
    door.forge.wait_at(ref, "staging")
    await door.settle(timedelta(hours=5))
    assert (await door.now()).state is State.EXPIRED
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


async def test_an_account_that_may_not_write_approves_no_run_of_a_stranger(door: Door) -> None:
    """It may be a second one of whoever started it, linked for this."""
    door.accounts.role = RepositoryRole.READ
    await door.knock(await door.run())
    await door.votes(VoteKind.APPROVE)
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert "Ada may not write to the repository" in waiting.note
    assert door.forge.told == []


async def test_what_nobody_decides_in_time_is_turned_away(door: Door) -> None:
    await door.knock(await door.run())
    await door.settle(timedelta(hours=4))
    assert (await door.now()).state is State.EXPIRED
    ((_, _, word, comment),) = door.forge.told
    assert word is GateWord.REJECTED
    assert "It was not approved in time" in comment


async def test_a_rejection_whose_answer_is_lost_is_not_repeated(door: Door) -> None:
    await door.knock(await door.run())
    door.forge.lose_answers = 1
    await door.votes(VoteKind.REJECT, reason="no")
    assert (await door.now()).state is State.REJECTED
    await door.settle(timedelta(minutes=5))
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


async def test_another_attempt_needs_another_approval(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    before = GateDecision("staging", GateWord.REJECTED, "torvalds")
    door.forge.decided.append(before)
    door.forge.rerun(ref)
    door.forge.wait_at(ref, "staging")
    await door.knock(ref)
    await door.settle(timedelta(minutes=2))
    assert (await door.now()).state is State.STALE
    second = await door.now(2)
    assert second.gate_run is not None
    assert (second.state, second.gate_run.attempt, second.votes) == (State.WAITING, 2, ())
    assert second.gate_run.heard == (before,)
    assert door.forge.told == []


async def test_a_workflow_that_is_not_named_is_turned_away(door: Door) -> None:
    await door.knock(await door.run("other.yml"))
    refused = await door.now()
    assert refused.state is State.REFUSED
    assert "other.yml may not deploy to staging" in refused.note
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


async def test_what_the_catalog_does_not_take_stays_shut_and_is_on_record(door: Door) -> None:
    door.catalog = catalog()
    await door.knock(await door.run())
    assert await door.store.queries.deployment(TEAM, 1) is None
    assert door.forge.told == []
    (ignored,) = await door.trail("GateCallIgnored")
    assert "no `start: gate`" in str(ignored.facts["why"])


async def test_a_card_does_not_stand_where_other_organisations_read_it(door: Door) -> None:
    door.channels.shared = frozenset({"#api-deploys"})
    ref = await door.run()
    await door.knock(ref)
    assert await door.store.queries.deployment(TEAM, 1) is None
    (ignored,) = await door.trail("GateCallIgnored")
    assert "#api-deploys is shared with people of other organisations" in str(ignored.facts["why"])
    (api,) = door.catalog.services
    door.catalog = catalog(replace(api, external=True))
    await door.knock(ref)
    assert (await door.now()).state is State.WAITING


async def test_a_gate_that_two_services_share_stays_shut(door: Door) -> None:
    staging = Environment("staging", GATED)
    door.catalog = catalog(service("api", staging), service("web", staging))
    await door.knock(await door.run())
    assert await door.store.queries.deployment(TEAM, 1) is None
    (ignored,) = await door.trail("GateCallIgnored")
    assert "share this gate" in str(ignored.facts["why"])


async def test_a_reviewer_at_the_code_host_opens_nothing_here(door: Door) -> None:
    await door.knock(await door.run())
    door.forge.decided.append(GateDecision("staging", GateWord.APPROVED, "torvalds"))
    await door.settle(timedelta(minutes=2))
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert "torvalds approved it; that does not count here" in waiting.note
    assert door.forge.told == []


async def test_what_goes_on_without_us_ends_the_card(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    door.forge.barred.clear()
    door.forge.set_status(ref, RunStatus.RUNNING)
    await door.settle(timedelta(minutes=2))
    stale = await door.now()
    assert stale.state is State.BYPASSED
    assert "Decided at the code host, not here" in stale.note
    assert door.forge.told == []


async def test_capitals_of_a_repository_make_no_difference(door: Door) -> None:
    ref = await door.run()
    await door.knock(replace(ref, repository="Acme/API"))
    await door.knock(ref)
    assert (await door.now()).state is State.WAITING
    assert await door.store.queries.deployment(TEAM, 2) is None


async def test_a_repository_that_the_catalog_does_not_have_is_not_asked(door: Door) -> None:
    await door.knock(RunRef("github", "acme/other", "1"))
    (ignored,) = await door.trail("GateCallIgnored")
    assert ignored.facts["repository"] == "acme/other"


async def test_a_knock_of_nobody_is_nothing(door: Door) -> None:
    await door.knock(RunRef("github", "acme/api", "4711"))
    await door.knock(await door.run(), "production")
    assert await door.store.queries.deployment(TEAM, 1) is None
