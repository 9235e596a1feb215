"""What subscribers hear of: every announcement and every move has its place, or none on purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.effects import Announce, Announcement, Effect, ShowCard
from bot.core.events import (
    DeploymentAsked,
    DeploymentMoved,
    Event,
    GateOverridden,
    LockEnded,
    LockPassed,
    LockTaken,
)
from bot.core.failure_events import FailureEnded
from bot.core.failures import FailureSource
from bot.core.lifecycle import TRANSITIONS, State, Trigger
from bot.core.locks import Scope
from bot.core.overrides import Overridable
from bot.core.subscriptions import Topic
from bot.core.tails import Tail
from bot.core.told import Subject, concerned, told_of, told_of_locks
from bot.core.values import DeploymentId, Kind
from tests.fakes.samples import ADA, actor

ID, OTHER = DeploymentId("one"), DeploymentId("other")
DEPLOY = Subject(ID, Kind.DEPLOY, "api", "staging", "#api-deploys", "main", "deploy.yml", failed_before=False)
ROLLBACK = replace(DEPLOY, kind=Kind.ROLLBACK)
AFTER_FAILURE = replace(DEPLOY, failed_before=True)
FAILURES = {
    Announcement.UNKNOWN,
    Announcement.UNVERIFIED,
    Announcement.BYPASSED,
    Announcement.ALARM,
    Announcement.ALERT,
    Announcement.LOGGED,
}


def moved(source: State, target: State, id: DeploymentId = ID) -> DeploymentMoved:
    trigger = next(
        (trigger for (state, trigger), end in TRANSITIONS.items() if (state, end) == (source, target)),
        Trigger.RESOLVE,
    )
    return DeploymentMoved(id, 7, source, trigger, target, "", "")


SUCCEEDED = moved(State.VERIFYING, State.SUCCEEDED)


@pytest.mark.parametrize("what", Announcement)
def test_each_announcement_is_a_failure_a_decision_or_nothing(what: Announcement) -> None:
    topics = {each.topic for each in told_of(DEPLOY, [], [Announce(ID, what)])}
    others = {
        Announcement.APPROVAL: {Topic.APPROVAL},
        Announcement.NOTHING_STARTED: {Topic.NOTHING_STARTED},
        Announcement.STUCK: {Topic.NOTHING_STARTED},
    }
    assert topics == ({Topic.FAILURE} if what in FAILURES else others.get(what, set()))


def test_how_it_failed_is_told_with_what_was_read_for_it() -> None:
    tail = Tail("deploy", lines=("Error: exit code 1",))
    (told,) = told_of(DEPLOY, [], [Announce(ID, Announcement.LOGGED, tail=tail)])
    assert told.tail == tail


@pytest.mark.parametrize("end", [State.FAILED, State.REFUSED, State.STALE, State.REJECTED, State.EXPIRED])
def test_only_what_ran_has_failed(end: State) -> None:
    said = [Announce(ID, Announcement.FAILED)]
    topics = {each.topic for each in told_of(DEPLOY, [moved(State.RUNNING, end)], said)}
    assert topics == ({Topic.FAILURE} if end is State.FAILED else set())


@pytest.mark.parametrize(("source", "target"), {(source, end) for (source, _), end in TRANSITIONS.items()})
def test_each_move_of_a_deployment(source: State, target: State) -> None:
    topics = {each.topic for each in told_of(DEPLOY, [moved(source, target)], [])}
    if (source, target) == (State.DISPATCHING, State.RUNNING):
        assert topics == {Topic.STARTED}
    elif target in (State.CANCELLED, State.WITHDRAWN):
        assert topics == {Topic.CANCELLED}
    elif target is State.SUCCEEDED:
        assert topics == {Topic.SUCCESS}
    elif target is State.ROLLED_BACK:
        assert topics == {Topic.ROLLBACK}
    else:
        assert topics == set()


def test_a_rollback_is_told_when_it_is_asked_for_and_when_it_ended_well() -> None:
    asked = DeploymentAsked(ID, 7, "api", "staging", "", "")
    assert [(each.topic, each.announcement) for each in told_of(ROLLBACK, [asked], [])] == [
        (Topic.ROLLBACK, None)
    ]
    assert told_of(DEPLOY, [asked], []) == ()
    ended = {each.topic: each.announcement for each in told_of(ROLLBACK, [SUCCEEDED], [])}
    assert ended == {Topic.SUCCESS: None, Topic.ROLLBACK: Announcement.WENT_BACK}


def test_it_has_recovered_after_a_failure_or_when_one_ended() -> None:
    over = FailureEnded(ID, 7, FailureSource.ALERT, "x")
    cases: list[tuple[Subject, list[Event]]] = [(AFTER_FAILURE, [SUCCEEDED]), (DEPLOY, [over, SUCCEEDED])]
    for subject, events in cases:
        found = {each.topic: each.announcement for each in told_of(subject, events, [])}
        assert found == {Topic.SUCCESS: None, Topic.RECOVERED: Announcement.RECOVERED}
    assert told_of(AFTER_FAILURE, [moved(State.VERIFYING, State.FAILED)], []) == ()


def test_a_freeze_is_told_when_somebody_lets_one_pass() -> None:
    for gate in Overridable:
        topics = [each.topic for each in told_of(DEPLOY, [GateOverridden(ID, 7, gate, "", "")], [])]
        assert topics == ([Topic.FREEZE] if gate is Overridable.FREEZE else [])


def test_what_happens_to_another_is_not_told_of_this_one() -> None:
    other = [moved(State.VERIFYING, State.SUCCEEDED, OTHER)]
    said: list[Effect] = [Announce(OTHER, Announcement.APPROVAL), ShowCard(ID)]
    assert told_of(AFTER_FAILURE, other, said) == ()
    assert concerned([SUCCEEDED, *other], [Announce(ID, Announcement.APPROVAL), ShowCard(ID)]) == (ID, OTHER)


def test_locks_are_told_with_who_and_why() -> None:
    taken = LockTaken("l", "api", "", "incident 4711", "2026-03-02T14:00:00+00:00")
    ended = LockEnded("l", "", "staging", "Linus", True, "it is over")
    passed = LockPassed("l", "api", "staging", "Linus", "why", "")
    told = told_of_locks(
        [(taken, actor(ADA)), (SUCCEEDED, actor(ADA)), (ended, actor(ADA)), (passed, actor(ADA))]
    )
    assert [each.scope for each in told] == [Scope("api"), Scope(None, "staging"), Scope("api", "staging")]
    first, second, third = [each.text.plain() for each in told]
    assert first.startswith("Ada has locked api in every environment until 2026-03-02 14:00 UTC.")
    assert "Why: incident 4711" in first
    assert second.startswith("Ada has broken the lock of Linus on every service in staging.")
    assert third.startswith("Linus has left: their lock on api in staging is the owners' now.")
