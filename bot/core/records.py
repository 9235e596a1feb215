"""What the store keeps, as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.alerts import Pinned
from bot.core.barks import Bark
from bot.core.code import Commit, Direction, RefKind
from bot.core.due import Due
from bot.core.effects import Effect, Posted
from bot.core.gate_runs import GateAnswer, GateRun
from bot.core.lifecycle import State, Trigger
from bot.core.overrides import Override
from bot.core.request import DeployRequest
from bot.core.restorable import Restorable
from bot.core.reviews import Review
from bot.core.run_reports import Reported
from bot.core.runs import Run
from bot.core.ticks import Ticked
from bot.core.values import Action, Actor, DeploymentId, Kind, OperationKey, Origin, Place, Sha
from bot.core.verdicts import Verdict
from bot.core.verifications import Measured
from bot.core.votes import Vote


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for, before any reference was resolved."""

    kind: Kind
    service: str
    environment: str
    ref: str | None
    inputs: tuple[tuple[str, str], ...]
    reason: str
    emergency: bool = False
    due: Due | None = None  # absent: as soon as it may
    restores: Restorable | None = None  # with what goes back over migrations, as it was known then


@dataclass(frozen=True, slots=True)
class Base:
    """What ran there when a release was asked for, by our record."""

    number: int  # of the deployment that brought it
    ref_kind: RefKind
    ref_name: str
    url: str
    approved: bool = True  # or it went past us
    let_in: Sha | None = None  # the last release there that did not


@dataclass(frozen=True, slots=True)
class Leaving:
    """What runs there and goes with a rollback: the commits that the older release has not."""

    commits: tuple[Commit, ...] = ()  # as many as the code host lists, the oldest first
    paths: tuple[str, ...] = ()
    total: int = 0
    truncated: bool = False  # there may be more paths than these


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the code host answered to a wish: the commits of the request."""

    repository_id: int
    ref_kind: RefKind
    ref_name: str
    ref_why: str  # why this reference, where the person named none
    release: Commit
    dispatch_ref: str
    workflow_sha: Sha
    base_sha: Sha | None = None
    changes: tuple[Commit, ...] = ()
    paths: tuple[str, ...] = ()
    truncated: bool = False
    unapproved: tuple[Commit, ...] = ()  # that it has beside its changes, and that went past us
    unapproved_whole: bool = True
    compare_url: str = ""
    base: Base | None = None
    direction: Direction | None = None  # how the release lies to what ran; None where that is the same
    total: int = 0  # commits since then, whether they are listed or not
    behind: int = 0  # commits that ran and that the release has not
    migrations: tuple[str, ...] = ()  # those of the paths that the catalog calls so
    pull_requests: str = ""  # the address of one, with {number} in it
    leaves: Leaving | None = None  # with a rollback


class Attempt(StrEnum):
    """How far the dispatch of a deployment has gone; written down before each outside call."""

    NONE = "none"
    PINNING = "pinning"
    SENT = "sent"  # the dispatch may have been received
    FOUND = "found"
    UNPINNED = "unpinned"  # the tag of our own is gone again


UNSENT = frozenset({Attempt.NONE, Attempt.PINNING})  # no dispatch and no word to a gate has left the house


@dataclass(frozen=True, slots=True)
class NewDeployment:
    """A deployment before the store has given it its id, number and key."""

    wish: Wish
    origin: Origin
    action: Action
    requested_by: Actor
    place: Place
    channel: str  # where its card goes
    planned: bool = True
    undoes: DeploymentId | None = None
    gate_run: GateRun | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """The life of one request."""

    id: DeploymentId
    number: int
    key: OperationKey
    workspace: str
    state: State
    wish: Wish
    origin: Origin
    action: Action
    requested_by: Actor
    place: Place
    channel: str
    planned: bool
    created_at: datetime
    updated_at: datetime
    version: int = 1
    undoes: DeploymentId | None = None
    resolution: Resolution | None = None
    request: DeployRequest | None = None
    digest: str | None = None
    policy: str | None = None  # canonical JSON of the effective policy the request was made under
    attempt: Attempt = Attempt.NONE
    attempted_at: datetime | None = None
    run: Run | None = None
    cancelled_by: Actor | None = None
    note: str = ""  # what holds it or why it ended, in a plain sentence
    next_step: str = ""  # what a person can do about it
    ended_at: datetime | None = None
    verdicts: tuple[Verdict, ...] = ()  # what the gates said when they were last asked
    votes: tuple[Vote, ...] = ()  # in the order in which they were given
    overrides: tuple[Override, ...] = ()
    ticks: tuple[Ticked, ...] = ()  # in the order in which they were given
    verifications: tuple[Measured, ...] = ()  # in the order of its policy; none before anything was measured
    review: Review | None = None  # of an emergency, from the moment it starts
    gate_run: GateRun | None = None  # what waits at the provider, where that began it
    gate_answer: GateAnswer | None = None  # what a gate of its run was told
    reminded_at: datetime | None = None  # when those who can decide were asked once more
    alerts: tuple[Pinned, ...] = ()  # confirmed ones, in the order in which they were pinned
    landed_at: datetime | None = None  # since when it runs there although nobody let it in here
    barks: tuple[Bark, ...] = ()  # what took suspiciously long, and was told
    undone_by: int | None = None  # the number of the rollback that took it away again
    reported: Reported | None = None  # what its run said of itself, or why nobody knows

    @property
    def release_sha(self) -> Sha | None:
        """What was asked for; without a request, what got there."""
        if self.request is not None:
            return self.request.release_sha
        return self.resolution.release.sha if self.resolution else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A deployment, and where its card stands."""

    deployment: Deployment
    card: Posted | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a deployment's life."""

    deployment: DeploymentId
    seq: int
    source: State
    trigger: Trigger
    target: State
    actor: Actor
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Live:
    """The release that runs in an environment now, by our record."""

    service: str
    environment: str
    deployment: Deployment


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one thing until `fence` is taken over by somebody else."""

    workspace: str
    key: str
    fence: int
    owner: str


class Lane(StrEnum):
    """Receipts that people wait for go ahead of those of machines."""

    INTERACTIVE = "interactive"
    EVENTS = "events"


class Source(StrEnum):
    """Who handed us a receipt."""

    SLACK = "slack"
    GITHUB = "github"
    GITLAB = "gitlab"
    JENKINS = "jenkins"
    ALERTMANAGER = "alertmanager"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came in, verified, before it is acknowledged."""

    workspace: str
    source: Source
    lane: Lane
    kind: str  # the source's own name for it: command, block_actions, workflow_run ...
    delivery_key: str
    signature: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Stored(StrEnum):
    """What the store says of a receipt."""

    NEW = "new"
    SEEN = "seen"  # the same delivery again, properly signed anew: answer 200, store nothing
    REPLAYED = "replayed"  # the very same signature again: refuse


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stored receipt, leased to one worker."""

    id: str
    receipt: Receipt
    received_at: datetime
    attempts: int
    lease: Lease


@dataclass(frozen=True, slots=True)
class Parcel:
    """An effect on its way, leased to one deliverer."""

    id: str
    workspace: str
    operation: str  # travels with the message, so that an earlier try can be found
    effect: Effect
    known: Posted | None  # the card's message, where one stands
    wanted: int  # which version of the card was wanted when this was claimed
    posting_since: datetime | None  # the first call that may have posted it
    attempts: int
    lease: Lease
    claimed_at: datetime  # by the store's clock, as all moments here
    failing_since: datetime | None = None
