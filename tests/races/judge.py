"""What must hold after a race, told from the raw rows alone: a second opinion that shares no rule with us.

The audit trail is in the order of the commits, so it says who decided first. It is replayed step by step; the
tables, and what each person was told, must say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.races.deeds import Answer
from tests.races.plan import ASKER, BY_REPLICA, DECIDERS, Kind, Race, before

UNDER_WAY = frozenset({"dispatching", "running", "cancelling"})
APPROVERS = frozenset(each.id for each in DECIDERS)
MAY_REJECT = APPROVERS | {ASKER.id}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies in the tables after the race and one more look of the reconciler."""

    trail: tuple[dict[str, Any], ...]  # the bodies of the audit records, in order
    records: int  # so many of them were there before that look
    votes: tuple[tuple[str, str], ...]
    state: str
    slots: int
    dispatches: int
    chain: str  # what is wrong with the audit chain, if anything


@dataclass
class Replay:
    """The trail, step by step."""

    race: Race
    state: str = "requested"
    votes: dict[str, str] = field(default_factory=dict)
    locked_by: set[str] = field(default_factory=set)
    ticked: bool = False
    kept: bool = False  # quarantined, and nobody has let it pass
    been: set[str] = field(default_factory=lambda: {"requested"})
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)  # what was done, by whom
    flaws: list[str] = field(default_factory=list)

    def of(self, trail: Iterable[dict[str, Any]]) -> Replay:
        """Go through it."""
        for record in trail:
            if record["facts"].get("number", 1) != 1:
                continue  # of the newer one, which nobody looks at
            self._step(record["event"], record["actor"]["id"], record["facts"])
        return self

    @property
    def approvals(self) -> int:
        return sum(kind == "approve" for kind in self.votes.values())

    def _step(self, event: str, actor: str, facts: dict[str, Any]) -> None:
        match event:
            case "VoteCast":
                self._vote(actor, facts["kind"])
            case "VoteTakenBack":
                self._must(self.state == "waiting", f"{actor} took a vote back while it was {self.state}")
                self._must(self.votes.pop(actor, "") != "", f"{actor} took back what was not there")
                self.seen[Kind.TAKE_BACK, actor] += 1
            case "LockTaken":
                self.locked_by.add(actor)
                self.seen[Kind.LOCK, actor] += 1
            case "ItemTicked" | "ItemUnticked":
                self._tick(actor, done=event == "ItemTicked")
            case "ReleaseQuarantined":
                self.kept = True
                self.seen[Kind.QUARANTINE, actor] += 1
            case "GateOverridden":
                self._must(actor in MAY_REJECT, f"{actor} may not override")
                self._must(self.state == "waiting", f"{actor} overrode while it was {self.state}")
                self.kept = False
                self.seen[Kind.OVERRIDE, actor] += 1
            case "RequestSuperseded":
                self._must(self.state == "waiting", f"{actor} handed it over while it was {self.state}")
                self.seen[Kind.HAND_OVER, actor] += 1
            case "DeploymentMoved":
                self._move(actor, facts)
            case _:
                pass  # nothing that decides

    def _vote(self, actor: str, kind: str) -> None:
        self._must(self.state == "waiting", f"{actor} voted while it was {self.state}")
        self._must(self.votes.get(actor) != kind, f"{actor} voted twice to {kind}")
        self._must("reject" not in self.votes.values(), f"{actor} voted after a rejection")
        self._must(actor in (APPROVERS if kind == "approve" else MAY_REJECT), f"{actor} may not {kind}")
        self.votes[actor] = kind
        self.seen[Kind(kind), actor] += 1

    def _tick(self, actor: str, *, done: bool) -> None:
        self._must(self.state == "waiting", f"{actor} ticked while it was {self.state}")
        self._must(self.ticked is not done, f"{actor} ticked what was ticked, or the other way round")
        self.ticked = done
        self.seen[Kind.TICK if done else Kind.UNTICK, actor] += 1

    def _move(self, actor: str, facts: dict[str, Any]) -> None:
        self._must(facts["source"] == self.state, f"it moved from {facts['source']}, but was {self.state}")
        rejected = "reject" in self.votes.values()
        self._must(not rejected or facts["trigger"] == "reject", f"rejected, and then: {facts['trigger']}")
        if facts["trigger"] in ("open gates", "take slot"):
            self._must(self.approvals >= self.race.needed, f"{self.approvals} approvals let it through")
            self._must(self.ticked is self.race.listed, "it went on although an item is not ticked")
        if facts["trigger"] == "take slot":
            self._must(not self.locked_by - {ASKER.id}, "it began although somebody had locked the place")
            self._must(not self.kept, "it began although its release is quarantined")
        if facts["trigger"] in ("withdraw", "cancel"):
            self.seen[Kind.CANCEL, actor] += 1
        self.state = facts["target"]
        self.been.add(self.state)

    def _must(self, held: bool, flaw: str) -> None:
        if not held:
            self.flaws.append(flaw)


def flaws_of(race: Race, answers: Sequence[Answer], evidence: Evidence) -> list[str]:
    """What does not hold."""
    met, settled = (Replay(race).of(trail) for trail in (evidence.trail[: evidence.records], evidence.trail))
    found = [f"broken: {each.broken}" for each in answers if each.broken]
    return found + settled.flaws + _same(settled, evidence) + _told(met, answers) + _settled(met, evidence)


def _same(replay: Replay, evidence: Evidence) -> list[str]:
    """The tables say what the trail says."""
    found = [evidence.chain] if evidence.chain else []
    if sorted(replay.votes.items()) != sorted(evidence.votes):
        found.append(f"the trail has the votes {replay.votes}, the table {evidence.votes}")
    if replay.state != evidence.state:
        found.append(f"the trail ends {replay.state}, the table says {evidence.state}")
    if evidence.slots != (replay.state in UNDER_WAY):
        found.append(f"it is {replay.state} and holds {evidence.slots} slots")
    return found


def _told(replay: Replay, answers: Sequence[Answer]) -> list[str]:
    """Whoever was told that it is done finds it in the trail; whoever was refused, for a true reason."""
    people = [each for each in answers if each.deed.kind not in BY_REPLICA and not each.broken]
    done = Counter((each.deed.kind, each.deed.person) for each in people if each.done)
    done += Counter((each.kind, each.person) for each in before(replay.race))
    found = [] if done == replay.seen else [f"told: {dict(done)}, in the trail: {dict(replay.seen)}"]
    for each in people:
        if not each.done and not any(
            words in each.told and true(replay, each) for words, true in REASONS.items()
        ):
            found.append(f"{each.deed.person} was refused to {each.deed.kind}: {each.told}")
    return found


def _ended(replay: Replay, _: Answer) -> bool:
    return replay.state in ("rejected", "withdrawn", "superseded")


def _done(replay: Replay, kind: Kind) -> bool:
    return any(each is kind for each, _ in replay.seen.elements())


def _went_on(replay: Replay, it: Answer) -> bool:
    return _ended(replay, it) or "ready" in replay.been


REASONS: dict[str, Callable[[Replay, Answer], bool]] = {
    "has been decided": _ended,
    "has ended already": _ended,
    "is ready already": lambda replay, _: "ready" in replay.been,
    "is dispatching already": lambda replay, _: "dispatching" in replay.been,
    "is cancelling already": lambda replay, _: "cancelling" in replay.been,
    "can't be cancelled while it is cancelling": lambda replay, _: "cancelling" in replay.been,
    "You have approved": lambda replay, it: replay.seen[Kind.APPROVE, it.deed.person] > 0,
    "You have not voted": lambda replay, it: (
        it.deed.person not in replay.race.before or replay.seen[Kind.TAKE_BACK, it.deed.person] > 0
    ),
    "can't decide": lambda _, it: it.deed.person not in (
        APPROVERS if it.deed.kind is Kind.APPROVE else MAY_REJECT
    ),
    "has ticked": lambda replay, _: _done(replay, Kind.TICK),
    "is not ticked": lambda replay, _: not replay.race.ticked or _done(replay, Kind.UNTICK),
    "can't be ticked on #1 now": _went_on,
    "does not wait": _went_on,
    "is quarantined already": lambda replay, _: _done(replay, Kind.QUARANTINE),
    "The quarantine does not hold #1 now": lambda replay, _: _done(replay, Kind.OVERRIDE),
    "You can't override": lambda _, it: it.deed.person not in MAY_REJECT,
    "has locked": lambda replay, it: bool(replay.locked_by - {it.deed.person}),
}  # fmt: skip


def _settled(met: Replay, settled: Evidence) -> list[str]:
    """Nothing hangs: one look brings it where the votes, the lock and today's policy say."""
    wanted = _where_to(met)
    sent = int(settled.state == "running")
    found = [] if settled.state in wanted else [f"it is {settled.state}, expected {' or '.join(wanted)}"]
    return found + ([] if settled.dispatches == sent else [f"{settled.dispatches} dispatches"])


def _where_to(met: Replay) -> tuple[str, ...]:
    held = bool(met.locked_by - {ASKER.id}) or met.kept
    enough = met.approvals >= met.race.needed_today and met.ticked is met.race.listed
    match met.state:
        case "cancelling":
            return ("cancelled",)
        case "dispatching":
            return ("running",)
        case "ready" if not held:  # judged a moment ago; where that is too long ago, judged again
            return ("running",) if enough else ("running", "waiting")
        case "waiting" | "ready":
            return ("running",) if enough and not held else ("waiting",)
        case ended:
            return (ended,)
