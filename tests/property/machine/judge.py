"""What must hold, told from the audit trail and the raw rows; the product's rules are used nowhere in here.

The trail is in the order of the commits. It is replayed, and each step in it must have been allowed then.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.core.values import Person
from bot.core.verdicts import GateState
from tests.fakes.forge import FakeRun
from tests.property.approvals import LEADS, SRE, may, opinion
from tests.property.machine.town import EXPIRES, Regime, in_group

OPEN_STATES = frozenset({"requested", "scheduled", "waiting", "ready"})
UNDER_WAY = frozenset({"dispatching", "running", "verifying", "cancelling", "unknown"})
NEVER_RAN = frozenset({"refused", "rejected", "expired", "withdrawn", "superseded", "stale"})
LATE = timedelta(minutes=30)


@dataclass
class Story:
    """One request, as the trail tells it."""

    number: int
    place: tuple[str, str]
    requester: str
    state: str = "requested"
    emergency: bool = False
    due: datetime | None = None
    digest: str = ""
    sha: str = ""
    regime: Regime | None = None
    frozen_at: datetime | None = None
    votes: dict[str, tuple[str, str]] = field(default_factory=dict)  # person: kind, digest
    lifted: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # person: digest, when
    attempts: int = 0

    def ends_at(self) -> datetime | None:
        """From when on it must not start any more."""
        if self.due is not None:
            return self.due + LATE
        asks = self.regime is not None and self.regime.rules_of(self.place[1])
        return self.frozen_at + EXPIRES if asks and self.frozen_at else None


@dataclass
class Now:
    """How things are when the trail is read."""

    people: dict[str, Person]
    regime: Regime
    tip: str


class Broken(AssertionError):
    """Something does not hold."""


@dataclass
class Judge:
    """The replay so far."""

    stories: dict[int, Story] = field(default_factory=dict)
    locks: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # scope: owner, until
    dues: dict[int, datetime] = field(default_factory=dict)  # what was asked for later than at once
    seen: Counter[str] = field(default_factory=Counter)
    read: int = 0

    def hears(self, records: list[dict[str, Any]], now: Now) -> None:
        """Go on with the replay."""
        for record in records:
            self.read += 1
            facts, at = record["facts"], datetime.fromisoformat(record["at"])
            self._step(record["event"], record["actor"]["id"], facts, at, now)

    def _step(self, event: str, actor: str, facts: dict[str, Any], at: datetime, now: Now) -> None:
        self.seen[event] += 1
        match event:
            case "DeploymentAsked":
                number = facts["number"]
                place = (facts["service"], facts["environment"])
                self.stories[number] = Story(number, place, actor, due=self.dues.get(number))
            case "EmergencyDeclared":
                self.stories[facts["number"]].emergency = True
            case "VoteCast":
                self._vote(self.stories[facts["number"]], actor, facts, at, now)
            case "VoteTakenBack":
                story = self.stories[facts["number"]]
                must(story.state in ("waiting", "scheduled"), f"a vote was taken back while {story.state}")
                must(story.votes.pop(actor, None) is not None, "a vote was taken back that was not there")
            case "PersonLeft":
                for number in facts["voided"].replace("#", "").split():
                    self.stories[int(number)].votes.pop(facts["person"])
            case "GateOverridden":
                self.stories[facts["number"]].lifted[actor] = (facts["digest"], at)
            case "LockTaken":
                self.locks[facts["service"], facts["environment"]] = (actor, facts["until"])
            case "LockEnded":
                self.locks.pop((facts["service"], facts["environment"]))
            case "DeploymentMoved":
                self._move(self.stories[facts["number"]], facts, at, now)
            case "DispatchAttempted":
                self._attempt(self.stories[facts["number"]], facts)
            case _:
                pass  # nothing that decides

    def _vote(self, story: Story, actor: str, facts: dict[str, Any], at: datetime, now: Now) -> None:
        kind, digest = facts["kind"], facts["digest"]
        must(story.state in ("waiting", "scheduled"), f"{actor} voted on what was {story.state}")
        must(digest == story.digest, f"{actor} voted on something else")
        must(story.votes.get(actor) != (kind, digest), f"{actor} voted twice")
        must(all(each != "reject" for each, _ in story.votes.values()), f"{actor} voted after a rejection")
        end = story.ends_at()
        must(end is None or at < end, f"{actor} voted after it had expired")
        voter, requester = now.people[actor], now.people[story.requester]
        points = [each.point(story.place[1], requester) for each in regimes(story, now)]
        able = [in_group(voter, SRE) or in_group(voter, LEADS) for _ in points]
        if kind == "approve":
            able = [may(point, voter) for point in points]
        must(any(able), f"{actor} may not {kind}")
        story.votes[actor] = (kind, digest)
        self.seen[kind] += 1

    def _move(self, story: Story, facts: dict[str, Any], at: datetime, now: Now) -> None:
        trigger = facts["trigger"]
        self.seen[trigger] += 1
        must(facts["source"] == story.state, f"#{story.number} moved from {facts['source']}")
        must(story.state in OPEN_STATES | UNDER_WAY, f"#{story.number} moved after its end")
        rejected = any(kind == "reject" for kind, _ in story.votes.values())
        must(not rejected or trigger == "reject", f"#{story.number} was rejected, and then: {trigger}")
        if trigger in ("resolve", "schedule"):
            story.digest, story.regime, story.frozen_at = facts["digest"], now.regime, at
            story.sha = story.sha or now.tip
        must(facts["digest"] == story.digest, f"the digest of #{story.number} changed")
        if trigger == "take slot":
            self._begin(story, at, now)
        story.state = facts["target"]

    def _begin(self, story: Story, at: datetime, now: Now) -> None:
        """Everything that must be so when it begins."""
        beside = [each.number for each in self.stories.values() if each.place == story.place and busy(each)]
        must(not beside, f"#{story.number} began beside {beside}")
        end = story.ends_at()
        must(end is None or at < end, f"#{story.number} began after it had expired")
        must(story.due is None or at >= story.due, f"#{story.number} began before it was due")
        asker = now.people[story.requester]
        must(asker.active and not asker.guest and not asker.stranger, f"{asker.name} may deploy nothing")
        must(not story.emergency or in_group(asker, SRE), f"{asker.name} may not break the glass")
        for scope, (owner, until) in self.locks.items():
            held = not until or at < datetime.fromisoformat(until)
            covers = all(mine in ("", theirs) for mine, theirs in zip(scope, story.place, strict=True))
            must(not (held and covers) or owner == story.requester, f"#{story.number} began behind a lock")
        for regime in regimes(story, now):
            self._agreed(story, regime, at, now)

    def _agreed(self, story: Story, regime: Regime, at: datetime, now: Now) -> None:
        """Enough of the right people, and no freeze that nobody lifted, unless the glass was broken."""
        if story.emergency:
            return
        agreed = [now.people[who] for who, vote in story.votes.items() if vote == ("approve", story.digest)]
        point = regime.point(story.place[1], now.people[story.requester])
        must(opinion(point, agreed) is GateState.OPEN, f"#{story.number} began without its approvals")
        if regime.closed(at):
            lifted = [
                who
                for who, (digest, when) in story.lifted.items()
                if digest == story.digest and in_group(now.people[who], LEADS)
                if when.date() == at.date() and regime.closed(when)
            ]
            must(bool(lifted), f"#{story.number} began in a freeze")

    def _attempt(self, story: Story, facts: dict[str, Any]) -> None:
        must(story.state == "dispatching", f"#{story.number} was sent while it was {story.state}")
        must(facts["digest"] == story.digest, f"#{story.number} was sent as something else")
        must(facts["release_sha"] == story.sha, f"#{story.number} was sent with another commit")
        story.attempts += 1

    def sees(self, runs: dict[str, FakeRun], keys: dict[str, int]) -> None:
        """What the code host was sent: once each, what was voted on, and nothing that was never begun."""
        sent = Counter(each.spec.key for each in runs.values())
        must(all(count == 1 for count in sent.values()), f"dispatched more than once: {sent}")
        for each in runs.values():
            story = self.stories[keys[each.spec.key]]
            must(story.attempts > 0, f"#{story.number} runs, and nobody wrote down that it was sent")
            must(story.state not in NEVER_RAN, f"#{story.number} is {story.state}, and runs")
            must(each.run.head_sha == story.sha, f"#{story.number} runs another commit")
            wanted = {"environment": story.place[1], "version": story.sha, "operation": each.spec.key}
            must(dict(each.spec.inputs) == wanted, f"#{story.number} was sent {dict(each.spec.inputs)}")

    def compares(self, states: dict[int, str], votes: list[tuple[int, str, str]], slots: list[int]) -> None:
        """The tables say what the trail says."""
        told = {each.number: each.state for each in self.stories.values()}
        must(states == told, f"the trail says {told}, the table {states}")
        mine = sorted(
            (each.number, who, kind)
            for each in self.stories.values()
            for who, (kind, _) in each.votes.items()
        )
        must(sorted(votes) == mine, f"the trail has the votes {mine}, the table {sorted(votes)}")
        holding = sorted(each.number for each in self.stories.values() if busy(each))
        must(sorted(slots) == holding, f"{holding} are under way, and the slots are of {sorted(slots)}")


def busy(story: Story) -> bool:
    """Between dispatching and an end."""
    return story.state in UNDER_WAY


def regimes(story: Story, now: Now) -> set[Regime]:
    """The rules it was asked under, and those of today: both hold."""
    return {each for each in (story.regime, now.regime) if each is not None}


def must(held: bool, otherwise: str) -> None:
    """Raises Broken."""
    if not held:
        raise Broken(otherwise)
