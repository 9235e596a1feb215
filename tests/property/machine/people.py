"""What people do, whether they may or not, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.core.due import Due
from bot.core.intents import (
    CancelDeployment,
    CastVote,
    EndLock,
    GiveReview,
    HandOver,
    Intent,
    LiftQuarantine,
    OffBoard,
    OverrideGate,
    PutQuarantine,
    Settle,
    Settlement,
    TakeBackVote,
    TakeLock,
    TickItem,
)
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.overrides import Overridable
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment, Wish
from bot.core.reviews import Finding
from bot.core.values import Kind, Person
from bot.core.votes import VoteKind
from bot.slack.deliveries import of_interaction
from tests.property.machine.house import House
from tests.property.machine.judge import Judge
from tests.property.machine.story import NEVER_RAN
from tests.property.machine.town import (
    ANN,
    BACKUP,
    BOB,
    BOB2,
    CYD,
    GRACE,
    GUARDED,
    KIT,
    OPEN,
    PEOPLE,
    PHONES,
    REGIMES,
    Regime,
)
from tests.unit.slack.talk import spoken, submitted

ENDED = frozenset({"succeeded", "failed", "cancelled", "rolled_back"} | NEVER_RAN)
ANYBODY = st.sampled_from(sorted(PEOPLE.values(), key=lambda each: each.name))
ASKERS = st.sampled_from([KIT, KIT, ANN, GRACE, PEOPLE["U0GUS"]])
VOTERS = st.sampled_from([ANN, ANN, BOB, BOB, BOB2, CYD, CYD, GRACE, KIT, PEOPLE["U0GUS"], PEOPLE["U0SAM"]])
ENVIRONMENTS = st.sampled_from([GUARDED, GUARDED, OPEN])
SCOPES = st.sampled_from([Scope("api", GUARDED), Scope("api"), Scope("api", OPEN), Scope()])
GATES = st.sampled_from([Overridable.FREEZE, Overridable.CHECKLIST, Overridable.QUARANTINE])
TYPED = st.sampled_from([None, GUARDED, GUARDED, OPEN, " Staging", "yes"])  # None: words, and no form at all
PICKS = st.integers(0, 5)  # which of those that have not ended, the oldest first
LOCK = timedelta(minutes=20)
SOMETHING_OPEN = precondition(lambda self: any(each.state not in ENDED for each in self.found))


class People(RuleBasedStateMachine):
    """Each deed is one rule. What the engine or the chat's side refuses has no effect."""

    house: House

    def __init__(self) -> None:
        super().__init__()
        self.house.begin()
        self.judge = Judge()
        self.found: tuple[Deployment, ...] = ()  # as they were after the last step

    @rule(person=ASKERS, environment=ENVIRONMENTS, read=st.booleans(), replaces=st.booleans())
    def asks(self, person: Person, environment: str, read: bool, replaces: bool) -> None:
        """A release is wanted now; its commits are read at once or later."""
        self._asks(person, self._wish(environment), read=read, replaces=replaces)

    @rule(person=ASKERS, environment=ENVIRONMENTS)
    def breaks_the_glass(self, person: Person, environment: str) -> None:
        """With a form from before they lost the right: the engine must find out by itself."""
        self.judge.typed = environment
        self._asks(person, replace(self._wish(environment), emergency=True), read=True)

    @rule(person=ASKERS, environment=ENVIRONMENTS, typed=TYPED)
    def breaks_the_glass_in_chat(self, person: Person, environment: str, typed: str | None) -> None:
        """By words alone, or in the form in which the name of the place is typed."""
        self.judge.typed, workspace = typed, self.house.workspace
        words = f"api {environment} emergency because it burns"
        said = spoken(words, "/deploy", person.id, team_id=workspace)
        if typed is not None:
            fields = {"service": "api", "environment": environment, "name": typed, "reason": "it burns"}
            form = submitted("emergency", fields, person.id).payload
            said = of_interaction({**form, "team": {"id": workspace}})
        self.house.run(self.house.hears(said))

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
    @rule(person=ANYBODY, pick=PICKS, gate=GATES)
    def overrides(self, person: Person, pick: int, gate: Overridable) -> None:
        """A rule that holds it, if there is one and they may."""
        self._does(person, self._passes(person, pick, gate))

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS, item=st.sampled_from([BACKUP, BACKUP, PHONES]), done=st.booleans())
    def ticks(self, person: Person, pick: int, item: str, done: bool) -> None:
        """Or takes a tick away."""
        self._does(person, self._tick(pick, item, done=done))

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS)
    def ticks_all(self, person: Person, pick: int) -> None:
        """The whole list."""
        for item in (BACKUP, PHONES):
            self._does(person, self._tick(pick, item, done=True))

    @SOMETHING_OPEN
    @rule(person=VOTERS, pick=PICKS, item=st.sampled_from([BACKUP, PHONES]))
    def ticks_something_else(self, person: Person, pick: int, item: str) -> None:
        """With a button of another request."""
        tick = self._tick(pick, item, done=True)
        self._does(person, replace(tick, digest="0" * 64) if tick else None)

    @SOMETHING_OPEN
    @rule(person=ANYBODY, pick=PICKS, everywhere=st.booleans())
    def quarantines(self, person: Person, pick: int, everywhere: bool) -> None:
        """The release of one that waits, from its place or from all."""
        self._does(person, self._keeps_out(pick, everywhere=everywhere))

    @rule(person=ANYBODY, pick=PICKS)
    def lifts_a_quarantine(self, person: Person, pick: int) -> None:
        """Whichever."""
        held = self._quarantines()
        self._does(person, LiftQuarantine(held[pick % len(held)], "it is fine") if held else None)

    @SOMETHING_OPEN
    @rule(person=ANYBODY, pick=PICKS, other=PICKS)
    def hands_over(self, person: Person, pick: int, other: int) -> None:
        """To a newer one, or one that is none."""
        older, newer = self._open(pick), self._open(other)
        if older is not None and newer is not None:
            self._does(person, HandOver(older.number, newer.number, self._known(person), "it can't wait"))

    @precondition(lambda self: any(each.review for each in self.found))
    @rule(person=VOTERS, pick=PICKS, finding=st.sampled_from(Finding))
    def reviews(self, person: Person, pick: int, finding: Finding) -> None:
        """An emergency, afterwards."""
        known = [each for each in self.found if each.review]
        number = known[pick % len(known)].number
        self._does(person, GiveReview(number, finding, self._known(person), "it was so"))

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

    def _wish(self, environment: str) -> Wish:
        return Wish(Kind.DEPLOY, "api", environment, None, (), "it fixes checkout")

    def _asks(self, person: Person, wish: Wish, *, read: bool, replaces: bool = False) -> None:
        if wish.due is not None:
            self.judge.dues[len(self.judge.stories) + 1] = wish.due.at
        read = read and not self.house.forge.down
        self.house.run(self.house.asks(person, wish, read=read, replaces=replaces))

    def _vote(self, person: Person, pick: int, kind: VoteKind) -> CastVote | None:
        found = self._open(pick)
        if found is None:
            return None
        reason = "not now" if kind is VoteKind.REJECT else ""
        return CastVote(found.number, found.digest or "", kind, self._known(person), reason)

    def _tick(self, pick: int, item: str, *, done: bool) -> TickItem | None:
        found = self._open(pick)
        return TickItem(found.number, found.digest or "", item, done) if found else None

    def _passes(self, person: Person, pick: int, gate: Overridable) -> OverrideGate | None:
        found = self._open(pick)
        if found is None:
            return None
        return OverrideGate(found.number, found.digest or "", gate, self._known(person), "it must be")

    def _keeps_out(self, pick: int, *, everywhere: bool) -> PutQuarantine | None:
        found = self._open(pick)
        if found is None or found.resolution is None:
            return None
        scope = Scope("api", None if everywhere else found.wish.environment)
        return PutQuarantine(scope, found.resolution.release.sha, "main", "it corrupts carts")

    def _quarantines(self) -> tuple[Quarantine, ...]:
        return self.house.run(self.house.store.quarantines.held(self.house.workspace))

    def _known(self, person: Person) -> Person:
        return self.house.directory.people[person.id]

    def _does(self, person: Person, intent: Intent | None) -> None:
        if intent is not None:
            self.house.run(self.house.does(person, intent))

    def _deployments(self) -> tuple[Deployment, ...]:
        return self.house.run(self.house.deployments())

    def _open(self, pick: int) -> Deployment | None:
        found = [each for each in self.found if each.state not in ENDED]
        return found[pick % len(found)] if found else None
