"""What must hold, told from the audit trail and the raw rows; the product's rules are used nowhere in here.

The trail is in the order of the commits. It is replayed, and each step in it must have been allowed then.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.forge import FakeRun
from tests.property.approvals import LEADS, SRE, may
from tests.property.machine.rules import agreed, not_kept_out, not_locked_out, ticked
from tests.property.machine.story import NEVER_RAN, OPEN_STATES, Bar, Now, Story, Word, must, regimes
from tests.property.machine.town import full, in_group

Facts = dict[str, Any]
JUDGED_FOR = timedelta(seconds=10)  # so long nobody looks again at what held when it began
REVIEWERS = 2


@dataclass
class Judge:
    """The replay so far."""

    stories: dict[int, Story] = field(default_factory=dict)
    locks: dict[tuple[str, str], Bar] = field(default_factory=dict)
    quarantines: dict[str, Bar] = field(default_factory=dict)
    dues: dict[int, datetime] = field(default_factory=dict)  # what was asked for later than at once
    typed: str | None = None  # by hand, as the name of a place, in the form that breaks the glass
    seen: Counter[str] = field(default_factory=Counter)
    read: int = 0

    def hears(self, records: list[dict[str, Any]], now: Now) -> None:
        """Go on with the replay."""
        for record in records:
            self.read += 1
            facts, at = record["facts"], datetime.fromisoformat(record["at"])
            self.seen[record["event"]] += 1
            if "number" in facts and record["event"] != "DeploymentAsked":
                self._of_one(self.stories[facts["number"]], record, facts, at, now)
            else:
                self._of_all(record["event"], record["actor"]["id"], facts, at)

    def _of_all(self, event: str, actor: str, facts: Facts, at: datetime) -> None:
        where = (facts.get("service", ""), facts.get("environment", ""))
        match event:
            case "DeploymentAsked":
                number = facts["number"]
                self.stories[number] = Story(number, where, actor, due=self.dues.get(number))
            case "PersonLeft":
                for number in facts["voided"].replace("#", "").split():
                    self.stories[int(number)].votes.pop(facts["person"])
            case "LockTaken":
                self.locks[where] = Bar(where, at, self.read, actor, facts["until"])
            case "LockPassed":
                self.locks[where] = Bar(where, at, self.read, "", facts["until"])
            case "LockEnded":
                self.locks.pop(where)
            case "ReleaseQuarantined":
                put = Bar(where, at, self.read, sha=facts["sha"])
                self.quarantines.setdefault(facts["quarantine"], put)  # a second click in one moment is none
            case "QuarantineLifted":
                self.quarantines.pop(facts["quarantine"])
            case "RequestRefused":
                must("mistake" not in facts["what"], f"a mistake of ours: {facts}")
            case _:
                pass  # nothing that decides

    def _of_one(self, story: Story, record: Facts, facts: Facts, at: datetime, now: Now) -> None:
        actor: str = record["actor"]["id"]
        match record["event"]:
            case "EmergencyDeclared":
                typed = (self.typed or "").strip().lower()
                must(typed == story.place[1], f"the glass of {story.place} was broken by “{self.typed}”")
                story.emergency = True
            case "VoteCast":
                self._vote(story, actor, facts, at, now)
            case "VoteTakenBack":
                must(story.state in ("waiting", "scheduled"), f"a vote was taken back while {story.state}")
                must(story.votes.pop(actor, None) is not None, "a vote was taken back that was not there")
            case "GateOverridden":
                must(facts["digest"] == story.digest, f"{actor} let something else pass")
                lists = frozenset(each.items_of(story.place[1]) for each in regimes(story, now))
                story.words.append(Word(facts["gate"], actor, at, self.read, lists))
            case "ItemTicked" | "ItemUnticked":
                self._tick(story, record["event"], actor, facts, now)
            case "RequestSuperseded":
                self._gives_way(story, self.stories[facts["by"]], actor, facts["reason"], now)
            case "ReviewOpened":
                story.looked_at = True
            case "ReviewGiven" | "ReviewClosed":
                self._review(story, record["event"], actor, now)
            case "DeploymentMoved":
                self._move(story, facts, at, now)
            case "DispatchAttempted":
                self._attempt(story, facts, at, now)
            case _:
                pass  # nothing that decides

    def _vote(self, story: Story, actor: str, facts: Facts, at: datetime, now: Now) -> None:
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

    def _tick(self, story: Story, event: str, actor: str, facts: Facts, now: Now) -> None:
        """Whether a tick counts is asked when it begins: here, that it is one of this very request."""
        item, known = facts["item"], {each for one in regimes(story, now) for each in one.items}
        must(story.state in ("waiting", "scheduled"), f"“{item}” was ticked while it was {story.state}")
        must(facts["digest"] == story.digest, f"“{item}” was ticked on something else")
        must(item in known, f"“{item}” is on no list")
        must((item in story.ticks) is (event == "ItemUnticked"), f"“{item}”: {event} twice")
        if story.ticks.pop(item, None) is None:
            story.ticks[item] = actor

    def _gives_way(self, older: Story, newer: Story, actor: str, reason: str, now: Now) -> None:
        """By itself to what the same person asks for; else by who asked for it, or the owners."""
        must(
            older.place == newer.place and older.number < newer.number, f"#{older.number} gave way elsewhere"
        )
        must(not older.emergency and not newer.emergency, f"#{older.number} gave way, out of line")
        for each in (older, newer):
            must(each.state in ("requested", "waiting"), f"#{each.number} gave way or got it, {each.state}")
        if not reason:
            must(older.requester == newer.requester, f"#{older.number} of another gave way by itself")
            return
        owner = in_group(now.people[actor], LEADS)
        mine = actor == older.requester and now.people[actor].active
        must(owner or mine, f"{actor} handed #{older.number} over")

    def _review(self, story: Story, event: str, actor: str, now: Now) -> None:
        must(
            story.emergency and story.attempts > 0, f"#{story.number} was reviewed, and has nothing to review"
        )
        must(not story.reviewed, f"#{story.number} was reviewed once more")
        if event == "ReviewClosed":
            story.reviewed = True
            must(len(story.reviews) == REVIEWERS, f"#{story.number} was reviewed by {story.reviews}")
            return
        person = now.people[actor]
        must(actor != story.requester, f"{actor} reviewed their own emergency")
        must(in_group(person, SRE) or in_group(person, LEADS), f"{actor} may not review")
        story.reviews[(person.login or person.id).casefold()] = actor

    def _move(self, story: Story, facts: Facts, at: datetime, now: Now) -> None:
        trigger = facts["trigger"]
        self.seen[trigger] += 1
        must(facts["source"] == story.state, f"#{story.number} moved from {facts['source']}")
        must(story.state in OPEN_STATES or story.busy, f"#{story.number} moved after its end")
        rejected = any(kind == "reject" for kind, _ in story.votes.values())
        must(not rejected or trigger == "reject", f"#{story.number} was rejected, and then: {trigger}")
        if trigger in ("resolve", "schedule"):
            story.digest, story.regime, story.frozen_at = facts["digest"], now.regime, at
            story.sha = story.sha or now.tip
        must(facts["digest"] == story.digest, f"the digest of #{story.number} changed")
        if trigger == "take slot":
            beside = [
                each.number for each in self.stories.values() if each.place == story.place and each.busy
            ]
            must(not beside, f"#{story.number} began beside {beside}")
            self._allowed(story, at, now)
            story.began_at = at
        story.state = facts["target"]

    def _allowed(self, story: Story, at: datetime, now: Now, *, again: bool = False) -> None:
        """Everything that must be so when it begins; `again` forgives what came while it was looked at."""
        end = story.ends_at()
        must(end is None or at < end, f"#{story.number} began after it had expired")
        must(story.due is None or at >= story.due, f"#{story.number} began before it was due")
        asker = now.people[story.requester]
        must(full(asker), f"{asker.name} may deploy nothing")
        must(not story.emergency or in_group(asker, SRE), f"{asker.name} may not break the glass")
        locks, kept = ([each for each in bars if not again or each.at < at] for bars in self._bars())
        not_locked_out(story, locks, at)
        not_kept_out(story, kept, now)
        for regime in regimes(story, now):
            ticked(story, regime, now)
            agreed(story, regime, at, now)

    def _bars(self) -> tuple[list[Bar], list[Bar]]:
        return list(self.locks.values()), list(self.quarantines.values())

    def _attempt(self, story: Story, facts: Facts, at: datetime, now: Now) -> None:
        must(story.state == "dispatching", f"#{story.number} was sent while it was {story.state}")
        must(facts["digest"] == story.digest, f"#{story.number} was sent as something else")
        must(facts["release_sha"] == story.sha, f"#{story.number} was sent with another commit")
        if story.began_at is not None and at - story.began_at > JUDGED_FOR:
            self.seen["sent late"] += 1
            self._allowed(story, at, now, again=True)
        story.attempts += 1

    def sees(self, runs: dict[str, FakeRun], keys: dict[str, int]) -> None:
        """What the code host was sent: once each, what was voted on, and nothing that was never begun."""
        sent = Counter(each.spec.key for each in runs.values())
        must(all(count == 1 for count in sent.values()), f"dispatched more than once: {sent}")
        for each in runs.values():
            story = self.stories[keys[each.spec.key]]
            must(story.attempts > 0, f"#{story.number} runs, and nobody wrote down that it was sent")
            must(story.state not in NEVER_RAN, f"#{story.number} is {story.state}, and runs")
            must(
                story.looked_at is story.emergency,
                f"#{story.number} runs, and its review was {story.looked_at}",
            )
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
        holding = sorted(each.number for each in self.stories.values() if each.busy)
        must(sorted(slots) == holding, f"{holding} are under way, and the slots are of {sorted(slots)}")
