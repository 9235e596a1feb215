"""What happened, in the past tense. Each is written beside the state it changed, in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from bot.core.alert_events import AlertEnded, AlertPinned
from bot.core.digest_events import DigestEvent
from bot.core.drill_events import RollbackDrilled
from bot.core.failure_events import FailureEnded, FailureOpened
from bot.core.gate_events import GateEvent
from bot.core.lifecycle import State, Trigger
from bot.core.my_settings_events import MySettingChanged
from bot.core.overrides import Overridable
from bot.core.place_events import PlaceEvent
from bot.core.quarantine_events import QuarantineLifted, QuarantineMended, ReleaseQuarantined
from bot.core.reviews import Finding
from bot.core.run_report_events import RunReported
from bot.core.subscription_events import SubscriptionEvent
from bot.core.values import DeploymentId
from bot.core.verify_events import (
    SmokeFound,
    SmokeStarting,
    VerificationEnded,
    VerificationSettled,
    WrongBefore,
)
from bot.core.votes import VoteKind
from bot.core.watchdog_events import WatchdogBarked


@dataclass(frozen=True, slots=True)
class DeploymentAsked:
    deployment: DeploymentId
    number: int
    service: str
    environment: str
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeploymentMoved:
    deployment: DeploymentId
    number: int
    source: State
    trigger: Trigger
    target: State
    why: str
    digest: str


@dataclass(frozen=True, slots=True)
class DispatchAttempted:
    """Written before the call: from here on it may have happened."""

    deployment: DeploymentId
    number: int
    key: str
    workflow: str
    dispatch_ref: str
    release_sha: str
    workflow_sha: str
    digest: str


@dataclass(frozen=True, slots=True)
class RunFound:
    deployment: DeploymentId
    number: int
    provider: str
    external_id: str
    attempt: int
    head_sha: str
    url: str


@dataclass(frozen=True, slots=True)
class VoteCast:
    deployment: DeploymentId
    number: int
    kind: VoteKind
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class GateOverridden:
    """Somebody let this request pass although the rule holds."""

    deployment: DeploymentId
    number: int
    gate: Overridable
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemTicked:
    deployment: DeploymentId
    number: int
    item: str
    digest: str


@dataclass(frozen=True, slots=True)
class ItemUnticked:
    """Somebody took a tick away: their own, or one that should not stand."""

    deployment: DeploymentId
    number: int
    item: str
    digest: str
    ticked_by: str


@dataclass(frozen=True, slots=True)
class EmergencyDeclared:
    """Somebody broke the glass: it waits neither for approvals nor for the end of a freeze."""

    deployment: DeploymentId
    number: int
    service: str
    environment: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """An emergency starts: two others have until then to look at it."""

    deployment: DeploymentId
    number: int
    due: str


@dataclass(frozen=True, slots=True)
class ReviewGiven:
    deployment: DeploymentId
    number: int
    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewClosed:
    """Enough people have spoken; whether all of them found it right."""

    deployment: DeploymentId
    number: int
    well: bool


@dataclass(frozen=True, slots=True)
class ReviewOverdue:
    deployment: DeploymentId
    number: int


@dataclass(frozen=True, slots=True)
class RequestSuperseded:
    """It gave way to a newer one: by itself, or with a reason because somebody said so."""

    deployment: DeploymentId
    number: int
    by: int
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionReminded:
    """Those who can decide were asked once more."""

    deployment: DeploymentId
    number: int


@dataclass(frozen=True, slots=True)
class VoteTakenBack:
    deployment: DeploymentId
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """Somebody asked for something and was told no."""

    command: str
    service: str
    environment: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class LockTaken:
    """An empty service or environment stands for all of them, an empty end for none."""

    lock: str
    service: str
    environment: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class LockEnded:
    """By its owner, or broken by somebody else."""

    lock: str
    service: str
    environment: str
    owner: str
    broken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class LockPassed:
    """Its owner left: the owners of the service hold this part of it now."""

    lock: str
    service: str
    environment: str
    owner: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class LockAwaited:
    """Somebody asked to be told when it is free."""

    service: str
    environment: str


@dataclass(frozen=True, slots=True)
class WaiterTold:
    """It became free, and somebody who waited for that was told."""

    service: str
    environment: str
    person: str


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """Somebody wants to link their account; `person` is theirs, here and below."""

    attempt: str
    person: str


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """A browser followed the link; nobody knows yet whose it is."""

    attempt: str
    person: str


@dataclass(frozen=True, slots=True)
class LinkSignedIn:
    """That browser holds this account of the code host. The person has yet to agree."""

    attempt: str
    person: str
    provider: str
    user_id: str
    login: str


@dataclass(frozen=True, slots=True)
class LinkRefused:
    attempt: str
    person: str
    why: str
    login: str


@dataclass(frozen=True, slots=True)
class AccountLinked:
    """Proven on both sides; `moved_from` is whom the account belonged to before."""

    attempt: str
    person: str
    provider: str
    user_id: str
    login: str
    moved_from: str
    replaced_login: str


@dataclass(frozen=True, slots=True)
class AccountUnlinked:
    person: str
    provider: str
    user_id: str
    login: str


@dataclass(frozen=True, slots=True)
class LinkConfirmed:
    """An administrator vouched for a new link."""

    person: str
    provider: str
    user_id: str
    login: str


@dataclass(frozen=True, slots=True)
class TrailRead:
    """Somebody read the audit trail; what else they looked for is in words."""

    service: str
    environment: str
    words: str


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """What was undone because somebody is no longer here, by the numbers of the deployments."""

    person: str
    name: str
    withdrawn: str
    voided: str
    locks: int  # what became of each has a record of its own
    login: str  # of the account of the code host that was linked to them
    subscriptions: int = 0


Event = (
    DeploymentAsked
    | DeploymentMoved
    | DispatchAttempted
    | RunFound
    | RunReported
    | GateEvent
    | VoteCast
    | VoteTakenBack
    | RequestSuperseded
    | DecisionReminded
    | GateOverridden
    | ItemTicked
    | ItemUnticked
    | ReleaseQuarantined
    | QuarantineLifted
    | QuarantineMended
    | FailureOpened
    | FailureEnded
    | EmergencyDeclared
    | ReviewOpened
    | ReviewGiven
    | ReviewClosed
    | ReviewOverdue
    | LockTaken
    | LockEnded
    | LockPassed
    | LockAwaited
    | WaiterTold
    | RequestRefused
    | LinkAsked
    | LinkOpened
    | LinkSignedIn
    | LinkRefused
    | AccountLinked
    | AccountUnlinked
    | LinkConfirmed
    | TrailRead
    | RollbackDrilled
    | PersonLeft
    | SubscriptionEvent
    | DigestEvent
    | AlertPinned
    | AlertEnded
    | WrongBefore
    | SmokeStarting
    | SmokeFound
    | VerificationEnded
    | VerificationSettled
    | WatchdogBarked
    | PlaceEvent
    | MySettingChanged
)
EVENT_NAMES: tuple[str, ...] = tuple(each.__name__ for each in get_args(Event))
