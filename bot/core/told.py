"""What subscribers hear of, read from the events and effects of one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.effects import Announce, Announcement, Effect
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
from bot.core.lifecycle import State
from bot.core.locks import STORY, Scope
from bot.core.overrides import Overridable
from bot.core.subscriptions import Topic
from bot.core.tails import Tail
from bot.core.text import NOTHING, Moment, Text, bold, line
from bot.core.values import Actor, DeploymentId, Kind
from bot.core.visible import clip

# What is said in the thread of the card, and is a failure to whoever listens for those.
WRONG = frozenset(
    {
        Announcement.UNKNOWN,
        Announcement.UNVERIFIED,
        Announcement.BYPASSED,
        Announcement.ALARM,
        Announcement.ALERT,
    }
)
SLOW = frozenset({Announcement.NOTHING_STARTED, Announcement.STUCK})
STOPPED = frozenset({State.CANCELLED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Subject:
    """The deployment that something happened to, as far as subscribers ask for it."""

    id: DeploymentId
    kind: Kind
    service: str
    environment: str
    channel: str  # where its card stands
    branch: str | None  # None: it came from no branch, or nobody has looked yet
    workflow: str | None  # that it goes by; None: nobody has frozen it yet
    failed_before: bool  # whether the last one there that ended had failed


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that subscribers may hear of. `announcement` is what is said anew, beside the card."""

    topic: Topic
    deployment: DeploymentId | None = None
    announcement: Announcement | None = None
    scope: Scope = EVERYWHERE
    text: Text = NOTHING
    tail: Tail | None = None


def concerned(events: Sequence[Event], effects: Sequence[Effect]) -> tuple[DeploymentId, ...]:
    """The deployments that something is told of here."""
    found = [each.deployment for each in events if isinstance(each, _ABOUT)]
    found += [each.deployment for each in effects if isinstance(each, Announce)]
    return tuple(dict.fromkeys(found))


def succeeded(events: Sequence[Event]) -> tuple[DeploymentId, ...]:
    """Those that may have recovered: that is said in the card's own thread, whoever listens elsewhere."""
    moves = (each for each in events if isinstance(each, DeploymentMoved))
    return tuple(each.deployment for each in moves if each.target is State.SUCCEEDED)


def told_of(subject: Subject, events: Sequence[Event], effects: Sequence[Effect]) -> tuple[Told, ...]:
    """What is told of one deployment, each topic once."""
    mine = [each for each in events if isinstance(each, _ABOUT) and each.deployment == subject.id]
    said = [each for each in effects if isinstance(each, Announce) and each.deployment == subject.id]
    found = [one for each in mine for one in _of_event(subject, each, mine)]
    failed = any(isinstance(each, DeploymentMoved) and each.target is State.FAILED for each in mine)
    for each in said:
        found += _of_announcement(subject, each, failed=failed)
    return tuple({each.topic: each for each in found}.values())


def told_of_locks(recorded: Sequence[tuple[Event, Actor]]) -> tuple[Told, ...]:
    """Who took or ended a lock, and where."""
    return tuple(
        Told(Topic.LOCK, scope=_scope(each), text=_lock_text(each, actor))
        for each, actor in recorded
        if isinstance(each, LockTaken | LockEnded | LockPassed)
    )


_ABOUT = DeploymentAsked | DeploymentMoved | GateOverridden | FailureEnded


def _of_event(
    subject: Subject,
    event: DeploymentAsked | DeploymentMoved | GateOverridden | FailureEnded,
    beside: Sequence[Event],
) -> list[Told]:
    match event:
        case DeploymentAsked():
            return [Told(Topic.ROLLBACK, subject.id)] if subject.kind is Kind.ROLLBACK else []
        case DeploymentMoved():
            return _of_move(subject, event, beside)
        case GateOverridden(gate=gate):
            return [Told(Topic.FREEZE, subject.id)] if gate is Overridable.FREEZE else []
        case FailureEnded():
            return []  # told with the deployment that mended it


def _of_move(subject: Subject, event: DeploymentMoved, beside: Sequence[Event]) -> list[Told]:
    if event.target is State.RUNNING and event.source is State.DISPATCHING:
        return [Told(Topic.STARTED, subject.id)]
    if event.target in STOPPED:
        return [Told(Topic.CANCELLED, subject.id)]
    if event.target is State.ROLLED_BACK:
        return [Told(Topic.ROLLBACK, subject.id, Announcement.WENT_BACK)]
    if event.target is not State.SUCCEEDED:
        return []
    found = [Told(Topic.SUCCESS, subject.id)]
    if subject.kind is Kind.RESTORE:
        return found  # of its database, and nobody can say yet whether that helped
    if subject.failed_before or any(isinstance(each, FailureEnded) for each in beside):
        found.append(Told(Topic.RECOVERED, subject.id, Announcement.RECOVERED))
    if subject.kind is Kind.ROLLBACK:
        found.append(Told(Topic.ROLLBACK, subject.id, Announcement.WENT_BACK))
    return found


def _of_announcement(subject: Subject, said: Announce, *, failed: bool) -> list[Told]:
    what = said.what
    if what is Announcement.APPROVAL:
        return [Told(Topic.APPROVAL, subject.id, what)]
    if what in SLOW:
        return [Told(Topic.NOTHING_STARTED, subject.id, what)]
    if what is Announcement.LOGGED:
        return [Told(Topic.FAILURE, subject.id, what, tail=said.tail)]
    wrong = what in WRONG or (what is Announcement.FAILED and failed)  # what was refused has not failed
    return [Told(Topic.FAILURE, subject.id, what)] if wrong else []


def _scope(event: LockTaken | LockEnded | LockPassed) -> Scope:
    return Scope(event.service or None, event.environment or None)


def _lock_text(event: LockTaken | LockEnded | LockPassed, actor: Actor) -> Text:
    scope = _scope(event)
    because = line(f"Why: {clip(event.reason, STORY)}") if event.reason else NOTHING
    match event:
        case LockTaken():
            until = (" until ", Moment(datetime.fromisoformat(event.until))) if event.until else ()
            what = line(bold(f"{actor.name} has locked {scope}"), *until, ".")
            return (
                what + because + line("Deployments of others wait, and start by themselves when it is free.")
            )
        case LockEnded():
            whose = f"the lock of {event.owner} on " if event.broken else ""
            ended = "broken" if event.broken else "unlocked"
            what = line(bold(f"{actor.name} has {ended} {whose}{scope}."))
            return what + because + line("What waited for it goes on now.")
        case LockPassed():
            what = line(bold(f"{event.owner} has left: their lock on {scope} is the owners' now."))
            return what + because + line("It stays in force, for everybody.")
