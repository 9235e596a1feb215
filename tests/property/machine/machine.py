"""The machine: requests, votes, ticks, locks, quarantines, emergencies, time and crashes in any order."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from bot.core.intents import CancelDeployment, EndLock, Intent, LiftQuarantine, Settle, Settlement, TakeLock
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.runs import RunStatus
from bot.core.values import Person
from bot.core.votes import VoteKind
from tests.property.machine.blows import Blow, Died
from tests.property.machine.house import House
from tests.property.machine.people import ASKERS, ENDED, LOCK, PICKS, VOTERS, People
from tests.property.machine.story import Now, must
from tests.property.machine.town import ANN, BACKUP, GUARDED, KIT, PEOPLE, REGIMES, Regime

MOMENTS = st.integers(0, 14)
WAITS = st.sampled_from([timedelta(seconds=5), timedelta(minutes=3), timedelta(minutes=25)])
ROUNDS = 60


class Machine(People):
    """Whatever people, time, the code host and crashes do, after every step:

    - of each place, at most one deployment is between dispatching and an end, and it alone holds the slot;
    - nothing begins without the approvals of the policy it was asked under and of the present one, judged by
      the second opinion in `approvals.py`: right people, as they are known now, and each human once;
    - nothing begins in a freeze that nobody lifted, behind somebody else's lock, after it expired, or before
      it is due; an emergency passes approvals and freezes alone, and only for those who may;
    - nothing begins with a release that is quarantined there, or with an item of its checklist unticked, but
      by the word of somebody who may and who knew of that quarantine, or that list; a tick counts on exactly
      what stands there, and of somebody who still belongs here;
    - what begins later than it was judged is judged again: all of the above holds once more when it is sent;
    - no emergency is asked for before the name of its place was typed in the form; each that runs has a
      review, which two others close;
    - nothing gives way to a newer request but by its requester's own, or by the word of who asked or owns it,
      and its votes go with it;
    - only those who may vote do, on exactly what stands there, and a rejection is the end;
    - what is sent is, to the last input, what the digest stands for that people saw, at the same commit;
    - nothing is sent twice, and what was rejected, withdrawn, expired or refused was never sent;
    - tables and audit trail say the same, the chain of the trail verifies, and no mistake of ours was noted.

    In the end, when all locks and quarantines are gone and time goes on, everything ends, every slot is free
    and every tag of ours is gone: nothing is stuck.
    """

    walks: Counter[str]  # what happened, over all walks

    @initialize(regime=st.sampled_from(REGIMES), person=ASKERS, approved=st.booleans())
    def begins(self, regime: Regime, person: Person, approved: bool) -> None:
        """With two that want the same place."""
        self.house.regime = regime
        for each in (KIT, person):
            self._asks(each, self._wish(GUARDED), read=True)
        self.found = self._deployments()
        if approved:
            self.everybody_approves(0)
            self.ticks_all(KIT, 0)

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
        deed=st.sampled_from(["lock", "approve", "reject", "cancel", "quarantine", "untick"]),
    )
    def looks_while_somebody_decides(self, person: Person, pick: int, moments: int, deed: str) -> None:
        """In the middle of it."""
        found = self._open(pick)
        intents: dict[str, Intent | None] = {
            "lock": TakeLock(Scope("api", GUARDED), "wait", LOCK),
            "approve": self._vote(person, pick, VoteKind.APPROVE),
            "reject": self._vote(person, pick, VoteKind.REJECT),
            "cancel": CancelDeployment(found.number) if found else None,
            "quarantine": self._keeps_out(pick, everywhere=False),
            "untick": self._tick(pick, BACKUP, done=False),
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
        judge.typed = None
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
            self._does(ANN, EndLock(lock, "it is over"))
        for quarantine in self._quarantines():
            self._does(ANN, LiftQuarantine(quarantine, "it is fine"))
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


def machine(house: House, walks: Counter[str]) -> type[Machine]:
    """One that walks through this house."""

    class Walk(Machine):
        """The same, in there."""

    Walk.house, Walk.walks = house, walks
    return Walk
