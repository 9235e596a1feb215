"""What a person decided. The engine applies it inside a unit of work; nothing else changes the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.core.digest_intents import DigestIntent
from bot.core.drill_events import RollbackDrilled
from bot.core.events import TrailRead
from bot.core.linking import Invitation
from bot.core.locks import Lock, Scope
from bot.core.my_settings_intents import ChangeMine
from bot.core.overrides import Overridable
from bot.core.quarantine import Quarantine
from bot.core.records import Resolution, Wish
from bot.core.reviews import Finding
from bot.core.subscriptions import Filter, Subscription
from bot.core.unfurl_intents import ShowLinks
from bot.core.values import DeploymentId, Person, Sha
from bot.core.votes import VoteKind
from bot.core.waiting_runs import WaitingRun


class Settlement(StrEnum):
    """What a person says of a dispatch whose answer never came, or of a release nobody could verify."""

    IT_RAN = "it ran"
    IT_DID_NOT_RUN = "it did not run"
    LOOK_AGAIN = "look again"
    IT_WORKS = "it works"
    IT_DOES_NOT_WORK = "it does not work"
    MEASURE_AGAIN = "measure again"


@dataclass(frozen=True, slots=True)
class AskDeployment:
    """Ask for a deployment; without a resolution the reference is resolved later."""

    wish: Wish
    resolution: Resolution | None
    channel: str
    retires: tuple[DeploymentId, ...] = ()  # waiting ones of the same person that the release contains
    waits: WaitingRun | None = None  # at the provider, where that is how it starts
    undoes: DeploymentId | None = None  # what a rollback takes away


@dataclass(frozen=True, slots=True)
class CancelDeployment:
    """Withdraw it while nothing runs, else cancel its run."""

    number: int
    going_back: bool = False  # then what is there and being verified is not waited for


@dataclass(frozen=True, slots=True)
class Settle:
    """Answer for a deployment that is `unknown`, or that nobody could verify."""

    number: int
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class CastVote:
    """Approve or reject exactly what this digest stands for; `voter` was read from the directory just now."""

    number: int
    digest: str
    kind: VoteKind
    voter: Person
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TakeLock:
    """Hold these places; for good, or so long."""

    scope: Scope
    reason: str
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class EndLock:
    """Let go of a lock; of somebody else's only with a reason, and they are told."""

    lock: Lock
    reason: str = ""
    as_owner: bool = False  # of the service: they got it from somebody who left


@dataclass(frozen=True, slots=True)
class TakeBackVote:
    """As if they had not approved."""

    number: int


@dataclass(frozen=True, slots=True)
class OverrideGate:
    """Let exactly what this digest stands for pass a gate; `by` was read from the directory just now."""

    number: int
    digest: str
    gate: Overridable
    by: Person
    reason: str


@dataclass(frozen=True, slots=True)
class TickItem:
    """Say that an item of the checklist holds for exactly what this digest stands for, or no longer."""

    number: int
    digest: str
    item: str
    done: bool


@dataclass(frozen=True, slots=True)
class PutQuarantine:
    """Keep this commit out of these places."""

    scope: Scope
    sha: Sha
    ref: str  # as it was called
    reason: str


@dataclass(frozen=True, slots=True)
class LiftQuarantine:
    """Let it in again."""

    quarantine: Quarantine
    reason: str


@dataclass(frozen=True, slots=True)
class MendQuarantine:
    """This release, which is made of the quarantined one, contains the fix."""

    quarantine: Quarantine
    sha: Sha
    ref: str  # as it was called
    reason: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Let a newer request replace one that waits; `by` was read from the directory just now."""

    number: int
    newer: int
    by: Person
    reason: str


@dataclass(frozen=True, slots=True)
class GiveReview:
    """Say of an emergency whether it was right; `by` was read from the directory just now."""

    number: int
    finding: Finding
    by: Person
    reason: str


@dataclass(frozen=True, slots=True)
class AwaitFree:
    """Tell me when nobody else has locked it any more."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class StartLink:
    """Let the person prove which account of the code host is theirs."""

    invitation: Invitation


@dataclass(frozen=True, slots=True)
class EndLink:
    """Forget which account of the code host is somebody's."""

    person: str


@dataclass(frozen=True, slots=True)
class ConfirmLink:
    """Vouch for somebody's new link to this very account."""

    person: str
    account: str


@dataclass(frozen=True, slots=True)
class Note:
    """Keep in the audit trail what was read, or tried without any effect."""

    what: TrailRead | RollbackDrilled


@dataclass(frozen=True, slots=True)
class OffBoard:
    """Somebody left: what they asked for and voted on ends where it has not begun; so do locks and link."""

    person: str
    name: str
    deployments: tuple[DeploymentId, ...]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A channel wants to hear of this."""

    channel: str
    name: str  # as people call it; empty where nobody knows
    filter: Filter


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """It no longer does."""

    subscription: Subscription


@dataclass(frozen=True, slots=True)
class CloseChannel:
    """Nothing can be said there any more, so what it subscribed to is off."""

    channel: str
    why: str


Intent = (
    AskDeployment
    | CancelDeployment
    | Settle
    | CastVote
    | TakeBackVote
    | OverrideGate
    | TickItem
    | PutQuarantine
    | LiftQuarantine
    | MendQuarantine
    | HandOver
    | GiveReview
    | TakeLock
    | EndLock
    | AwaitFree
    | Subscribe
    | Unsubscribe
    | CloseChannel
    | StartLink
    | EndLink
    | ConfirmLink
    | Note
    | OffBoard
    | DigestIntent
    | ChangeMine
    | ShowLinks
)
