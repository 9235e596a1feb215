"""The machine: requests, votes, locks, freezes, emergencies, time and crashes in any order."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.core.due import Due
from bot.core.intents import (
    CancelDeployment,
    CastVote,
    EndLock,
    Intent,
    OffBoard,
    OverrideGate,
    Settle,
    Settlement,
    TakeBackVote,
    TakeLock,
)
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.overrides import Overridable
from bot.core.records import Deployment, Wish
from bot.core.runs import RunStatus
from bot.core.values import Kind, Person
from bot.core.votes import VoteKind
from tests.property.machine.blows import Blow, Died
from tests.property.machine.house import House
from tests.property.machine.judge import NEVER_RAN, Judge, Now, must
from tests.property.machine.town import (
    ANN,
    BOB,
    BOB2,
    CYD,
    GRACE,
    GUARDED,
    KIT,
    OPEN,
    PEOPLE,
    REGIMES,
    Regime,
)

ENDED = frozenset({"succeeded", "failed", "cancelled", "rolled_back"} | NEVER_RAN)
ANYBODY = st.sampled_from(sorted(PEOPLE.values(), key=lambda each: each.name))
ASKERS = st.sampled_from([KIT, KIT, ANN, GRACE, PEOPLE["U0GUS"]])
VOTERS = st.sampled_from([ANN, ANN, BOB, BOB, BOB2, CYD, CYD, GRACE, KIT, PEOPLE["U0GUS"], PEOPLE["U0SAM"]])
ENVIRONMENTS = st.sampled_from([GUARDED, GUARDED, OPEN])
SCOPES = st.sampled_from([Scope("api", GUARDED), Scope("api"), Scope("api", OPEN), Scope()])
PICKS = st.integers(0, 5)  # which of those that have not ended, the oldest first
MOMENTS = st.integers(0, 14)
WAITS = st.sampled_from([timedelta(seconds=5), timedelta(minutes=3), timedelta(minutes=25)])
LOCK = timedelta(minutes=20)
ROUNDS = 60
SOMETHING_OPEN = precondition(lambda self: any(each.state not in ENDED for each in self.found))


class Machine(RuleBasedStateMachine):
    """Whatever people, time, the code host and crashes do, after every step:

    - of each place, at most one deployment is between dispatching and an end, and it alone holds the slot;
    - nothing begins without the approvals of the policy it was asked under and of the present one, judged by
      the second opinion in `approvals.py`: right people, as they are known now, and each human once;
    - nothing begins in a freeze that nobody lifted, behind somebody else's lock, after it expired, or before
      it is due; an emergency passes approvals and freezes alone, and only for those who may;
    - only those who may vote do, on exactly what stands there, and a rejection is the end;
    - what is sent is, to the last input, what the digest stands for that people saw, at the same commit;
    - nothing is sent twice, and what was rejected, withdrawn, expired or refused was never sent;
    - tables and audit trail say the same, the chain of the trail verifies, and no mistake of ours was noted.

    In the end, when all locks are open and time goes on, everything ends, every slot is free and every tag of
    ours is gone: nothing is stuck.
    """

    house: House
    walks: Counter[str]  # what happened, over all walks

    def __init__(self) -> None:
        super().__init__()
        self.house.begin()
        self.judge = Judge()
        self.found: tuple[Deployment, ...] = ()  # as they were after the last step

    @initialize(regime=st.sampled_from(REGIMES), person=ASKERS, approved=st.booleans())
    def begins(self, regime: Regime, person: Person, approved: bool) -> None:
        """With two that want the same place."""
        self.house.regime = regime
        for each in (KIT, person):
            self._asks(each, self._wish(GUARDED), read=True)
        self.found = self._deployments()
        if approved:
            self.everybody_approves(0)

    @rule(person=ASKERS, environment=ENVIRONMENTS, read=st.booleans())
    def asks(self, person: Person, environment: str, read: bool) -> None:
        """A release is wanted now; its commits are read at once or later."""
        self._asks(person, self._wish(environment), read=read)

    @rule(person=ASKERS, environment=ENVIRONMENTS)
    def breaks_the_glass(self, person: Person, environment: str) -> None:
        """Also people who may not: the engine must find out by itself."""
        self._asks(person, replace(self._wish(environment), emergency=True), read=True)

    @rule(person=ASKERS, environment=ENVIRONMENTS)
    def asks_for_later(self, person: Person, environment: str) -> None:
        """In half an hour."""
        due = Due(self.house.clock.now() + timedelta(minutes=30), "UTC")
        self._asks(person, replace(self._wish(environment), due=due), read=True)

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS)
    def approves(self, person: Person, pick: int) -> None:
        """One more voice, of somebody who may or may not."""
        self._does(person, self._vote(person, pick, VoteKind.APPROVE))

    @SOMETHING_OPEN
    @rule(pick=PICKS)
    def everybody_approves(self, pick: int) -> None:
        """All who could, and the author."""
        for person in (BOB2, BOB, GRACE, CYD, ANN):
            self._does(person, self._vote(person, pick, VoteKind.APPROVE))

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS)
    def rejects(self, person: Person, pick: int) -> None:
        """The end, if they may."""
        self._does(person, self._vote(person, pick, VoteKind.REJECT))

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS)
    def approves_something_else(self, person: Person, pick: int) -> None:
        """With a button of another request."""
        vote = self._vote(person, pick, VoteKind.APPROVE)
        self._does(person, replace(vote, digest="0" * 64) if vote else None)

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS)
    def takes_back(self, person: Person, pick: int) -> None:
        """Their vote."""
        found = self._open(pick)
        self._does(person, TakeBackVote(found.number) if found else None)

    @SOMETHING_OPEN
    @rule(person=ANYBODY, pick=PICKS)
    def cancels(self, person: Person, pick: int) -> None:
        """Whatever it does by now."""
        found = self._open(pick)
        self._does(person, CancelDeployment(found.number) if found else None)

    @SOMETHING_OPEN
    @rule(person=ANYBODY, pick=PICKS)
    def overrides(self, person: Person, pick: int) -> None:
        """A freeze, if there is one and they may."""
        found = self._open(pick)
        words = (found.number, found.digest or "", Overridable.FREEZE, self._known(person)) if found else None
        self._does(person, OverrideGate(*words, "it must be") if words else None)

    @rule(person=ANYBODY, scope=SCOPES, lasts=st.sampled_from([LOCK, None]))
    def locks(self, person: Person, scope: Scope, lasts: timedelta | None) -> None:
        """For a while, or for good."""
        self._does(person, TakeLock(scope, "incident 4711", lasts))

    @rule(person=ANYBODY, pick=PICKS)
    def unlocks(self, person: Person, pick: int) -> None:
        """Their own, or somebody else's."""
        held = self.house.run(self.house.store.locks.held(self.house.workspace))
        self._does(person, EndLock(held[pick % len(held)], "it is over") if held else None)

    @precondition(lambda self: any(each.state is State.UNKNOWN for each in self.found))
    @rule(pick=PICKS, settlement=st.sampled_from([Settlement.IT_RAN, Settlement.IT_DID_NOT_RUN]))
    def settles(self, pick: int, settlement: Settlement) -> None:
        """What nobody knows."""
        unknown = [each for each in self.found if each.state is State.UNKNOWN]
        self._does(ANN, Settle(unknown[pick % len(unknown)].number, settlement))

    @rule(regime=st.sampled_from(REGIMES))
    def reloads(self, regime: Regime) -> None:
        """Another slipway.yml."""
        self.house.regime = regime

    @rule(person=ANYBODY, heard=st.booleans())
    def leaves_or_returns(self, person: Person, heard: bool) -> None:
        """And we hear of it or not."""
        people = self.house.directory.people
        people[person.id] = replace(people[person.id], active=not people[person.id].active)
        if heard and not people[person.id].active:
            open_ones = tuple(each.id for each in self.found if each.state not in ENDED)
            self._does(person, OffBoard(person.id, person.name, open_ones))

    @rule(wait=WAITS)
    def time_goes_on(self, wait: timedelta) -> None:
        """Locks end, requests expire, freezes begin."""
        self.house.clock.time += wait

    @rule()
    def looks(self) -> None:
        """The engine, undisturbed."""
        self._looks()

    @rule(blow=st.sampled_from([Blow.DEATH, Blow.DEATH, Blow.PAUSE]), moments=MOMENTS)
    def looks_and_is_hit(self, blow: Blow, moments: int) -> None:
        """It dies, or sleeps while another one takes over."""
        self.house.expects(blow, moments, ANN, None)
        self._looks()

    @rule(
        person=VOTERS,
        pick=PICKS,
        moments=MOMENTS,
        deed=st.sampled_from(["lock", "approve", "reject", "cancel"]),
    )
    def looks_while_somebody_decides(self, person: Person, pick: int, moments: int, deed: str) -> None:
        """In the middle of it."""
        found = self._open(pick)
        intents: dict[str, Intent | None] = {
            "lock": TakeLock(Scope("api", GUARDED), "wait", LOCK),
            "approve": self._vote(person, pick, VoteKind.APPROVE),
            "reject": self._vote(person, pick, VoteKind.REJECT),
            "cancel": CancelDeployment(found.number) if found else None,
        }
        self.house.expects(Blow.MEANWHILE, moments, person, intents[deed])
        self._looks()

    @rule(trouble=st.sampled_from(["down", "hides", "loses answers", "mended"]))
    def code_host(self, trouble: str) -> None:
        """Does not answer, or is well again."""
        forge = self.house.forge
        self.house.mends_forge()
        forge.down, forge.hide_new_runs = trouble == "down", trouble == "hides"
        forge.lose_answers = 2 * (trouble == "loses answers")

    @precondition(lambda self: self.house.forge.runs)
    @rule(
        status=st.sampled_from([RunStatus.RUNNING, RunStatus.SUCCESS, RunStatus.SUCCESS, RunStatus.FAILURE])
    )
    def runs_go_on(self, status: RunStatus) -> None:
        """Towards their end."""
        self.house.runs_become(status)

    @rule()
    def somebody_pushes(self) -> None:
        """The branch moves on; what was asked for does not."""
        self.house.pushes()

    @invariant()
    def all_of_it_holds(self) -> None:
        """See above."""
        house, judge = self.house, self.judge
        self.found = found = self._deployments()
        now = Now(dict(house.directory.people), house.regime, house.tip())
        before = judge.read
        judge.hears(house.run(house.trail(before)), now)
        judge.sees(house.forge.runs, {each.key: each.number for each in found})
        votes = [(each.number, vote.person, str(vote.kind)) for each in found for vote in each.votes]
        slots = house.run(house.rows("SELECT deployment_id FROM slots WHERE workspace_id = :workspace"))
        held = [each.number for each in found if (each.id,) in slots]
        must(len(held) == len(slots), f"slots of nobody: {slots}")
        judge.compares({each.number: str(each.state) for each in found}, votes, held)
        if judge.read > before:
            report = house.run(house.store.audit.verify(house.workspace))
            must(report.broken_at is None and report.records == judge.read, f"the audit chain: {report}")
        mistakes = [each.note for each in found if "made a mistake" in each.note]
        must(not mistakes, f"mistakes of ours: {mistakes}")

    def teardown(self) -> None:
        """Every gate opens, and time goes on."""
        if sys.exc_info()[0] is None:
            self._ends()
            self.walks.update(self.judge.seen)
            self.walks["deaths"] += self.house.deaths

    def _ends(self) -> None:
        house = self.house
        house.directory.people.update(PEOPLE)
        for lock in house.run(house.store.locks.held(house.workspace)):
            self._does(PEOPLE[lock.owner.id], EndLock(lock))
        for _ in range(ROUNDS):
            house.mends_forge()
            house.runs_become(RunStatus.SUCCESS)
            house.clock.time += timedelta(minutes=16)
            self._looks()
            for each in self._deployments():
                if each.state is State.UNKNOWN:
                    self._does(ANN, Settle(each.number, Settlement.IT_DID_NOT_RUN))
            if all(each.state in ENDED for each in self._deployments()) and not house.pins():
                break
        self.all_of_it_holds()
        stuck = [f"#{each.number} {each.state}: {each.note}" for each in self._deployments()]
        must(all(each.state in ENDED for each in self._deployments()), f"stuck: {stuck}")
        must(not house.pins(), f"left over: {house.pins()}")

    def _wish(self, environment: str) -> Wish:
        return Wish(Kind.DEPLOY, "api", environment, None, (), "it fixes checkout")

    def _asks(self, person: Person, wish: Wish, *, read: bool) -> None:
        if wish.due is not None:
            self.judge.dues[len(self.judge.stories) + 1] = wish.due.at
        read = read and not self.house.forge.down
        self.house.run(self.house.asks(person, wish, read=read))

    def _vote(self, person: Person, pick: int, kind: VoteKind) -> CastVote | None:
        found = self._open(pick)
        if found is None:
            return None
        reason = "not now" if kind is VoteKind.REJECT else ""
        return CastVote(found.number, found.digest or "", kind, self._known(person), reason)

    def _known(self, person: Person) -> Person:
        return self.house.directory.people[person.id]

    def _does(self, person: Person, intent: Intent | None) -> None:
        if intent is not None:
            self.house.run(self.house.does(person, intent))

    def _looks(self) -> None:
        """Until nothing is due any more."""
        for _ in range(10):
            try:
                if not self.house.run(self.house.look()):
                    break
            except Died:
                self.house.die()
                break
        self.house.fate.forget()

    def _deployments(self) -> tuple[Deployment, ...]:
        return self.house.run(self.house.deployments())

    def _open(self, pick: int) -> Deployment | None:
        found = [each for each in self.found if each.state not in ENDED]
        return found[pick % len(found)] if found else None


def machine(house: House, walks: Counter[str]) -> type[Machine]:
    """One that walks through this house."""

    class Walk(Machine):
        """The same, in there."""

    Walk.house, Walk.walks = house, walks
    return Walk
