"""The outside world and the store, as the rest of the house sees them: narrow, six methods each at most.

Every method that goes over a network raises only errors of `bot.core.errors`: UserError where the person
can mend it, Transient where time may, Ambiguous where the call may have had its effect, NeedsHuman where it
was refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.checks import Checks
from bot.core.code import Commit, Comparison, Repository, ResolvedRef
from bot.core.courses import Courses
from bot.core.digest_ports import Digests
from bot.core.effects import Effect, Posted
from bot.core.events import Event
from bot.core.failure_ports import Failures
from bot.core.following_ports import FollowedRuns, Marks, RunReader
from bot.core.frozen import FrozenPlaces
from bot.core.gate_runs import GateView, GateWord, Starts
from bot.core.landing_ports import Landings
from bot.core.lifecycle import State, Trigger
from bot.core.link_ports import Links
from bot.core.linking import Team
from bot.core.lock_ports import Locks, WaitingList
from bot.core.my_settings_ports import MySettingsBook
from bot.core.pipelines import AcceptedInput
from bot.core.publishing_ports import PublishedReleases, ReleaseReader
from bot.core.quarantine_ports import Quarantines
from bot.core.records import (
    Delivery,
    Deployment,
    Lease,
    Live,
    NewDeployment,
    Shown,
    Transition,
    Wish,
)
from bot.core.redelivery import Deliveries
from bot.core.run_reports import Artifacts
from bot.core.runs import Receipt as DispatchReceipt
from bot.core.runs import Run, RunRef, TriggerSpec
from bot.core.steps import Step
from bot.core.subscription_ports import Subjects, Subscriptions
from bot.core.tails import RunLogs
from bot.core.turns import Turns
from bot.core.values import Actor, DeploymentId, OperationKey, Person, Sha
from bot.core.votes import Vote


class Clock(Protocol):
    """All time comes from here; nothing else sleeps."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class CodeHost(Protocol):
    """Where the code lives. `repository` is a full name such as acme/api."""

    async def repository(self, repository: str) -> Repository: ...

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:
        """A branch, tag or (short) commit; UserError with near names when none fits, or two do."""
        ...

    async def commit(self, repository: str, sha: Sha, *, mergers: bool = False) -> Commit:
        """One commit; `mergers` asks as well who merged it, which takes calls of its own."""
        ...

    async def compare(
        self, repository: str, base: Sha, head: Sha, *, mergers: bool = False
    ) -> Comparison: ...

    async def reachable(self, repository: str, sha: Sha, branches: Sequence[str]) -> bool:
        """Whether one of these branches contains it; none named: any branch or tag of its own."""
        ...

    async def checks(self, repository: str, sha: Sha, names: Collection[str]) -> Checks:
        """Check runs and commit statuses of exactly this commit that are called so; all, or an error."""
        ...


class Pins(Protocol):
    """Tags of our own at a code host, which hold a dispatch to one commit."""

    async def create(self, repository: str, key: OperationKey, sha: Sha) -> None:
        """Make the tag; one that stands already at the same commit is adopted, at another one NeedsHuman."""
        ...

    async def read(self, repository: str, key: OperationKey) -> Sha | None: ...

    async def delete(self, repository: str, key: OperationKey) -> None:
        """Take the tag away; absent is fine."""
        ...


class CiProvider(Protocol):
    """Where pipelines run."""

    async def trigger(self, spec: TriggerSpec) -> DispatchReceipt: ...

    async def find(self, spec: TriggerSpec, since: datetime) -> RunRef | None:
        """The run that an earlier dispatch of this key made, if the listing shows exactly one."""
        ...

    async def observe(self, ref: RunRef) -> Run | None:
        """The run with its stages as it is now; None when the provider does not (yet) know it."""
        ...

    async def cancel(self, ref: RunRef) -> None:
        """Ask for the end; a run that has ended already is fine."""
        ...

    async def gates(self, ref: RunRef) -> GateView | None:
        """The run with the gates at which it waits; None when the provider does not (yet) know it."""
        ...

    async def answer(self, ref: RunRef, gate: str, word: GateWord, comment: str) -> bool:
        """Tell a gate of the run; False when it waits for no answer of ours (any more)."""
        ...


class Doors(Protocol):
    """Where runs that began at the provider wait for us."""

    async def waiting(self, repository: str, workflow: str, sha: Sha) -> tuple[GateView, ...]:
        """The runs of this workflow and commit that have not ended, with what they wait for; newest first."""
        ...

    async def starts(self, repository: str, workflow: str, sha: Sha) -> Starts | None:
        """What starts the workflow by its file at that commit; None where that can't be read."""
        ...

    async def accepts(self, repository: str, workflow: str, sha: Sha) -> tuple[AcceptedInput, ...] | None:
        """What a dispatch of it may carry, by its file at that commit; None where nobody can start it."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """One outside system in its roles; what it keeps no record of is absent."""

    code: CodeHost
    pins: Pins
    ci: CiProvider
    doors: Doors
    landings: Landings | None = None
    runs: RunReader | None = None
    deliveries: Deliveries | None = None
    artifacts: Artifacts | None = None
    releases: ReleaseReader | None = None
    logs: RunLogs | None = None


class Directory(Protocol):
    """Who people are."""

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:
        """As known; a few minutes old at most, and read anew where a decision hangs on it."""
        ...

    async def known(self, workspace: str, id: str) -> Person | None:
        """What `person` would answer without asking anybody, if it can."""
        ...

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]:
        """The ids of those in a user group; nobody is in one that is not there."""
        ...

    async def team(self, workspace: str, team: str, *, fresh: bool = False) -> Team:
        """Who is in a team of the code host, as far as they have linked their accounts."""
        ...


class Deployments(Protocol):
    """Inside a unit of work."""

    async def add(self, new: NewDeployment) -> Deployment:
        """Give it id, number and key, in state `requested`."""
        ...

    async def get(self, id: DeploymentId) -> Deployment:
        """The row, locked until the end of the unit of work."""
        ...

    async def by_number(self, number: int) -> Deployment | None: ...

    async def save(self, deployment: Deployment) -> Deployment:
        """Write everything but the state; counts `version` up, sets `updated_at`."""
        ...

    async def moved_at(self, deployment: Deployment) -> datetime:
        """When its present state began."""
        ...

    async def move(self, deployment: Deployment, trigger: Trigger, actor: Actor, why: str) -> Deployment:
        """Follow the life's table: state, transition row, event, audit record and card in this one commit.

        Who holds its slot no longer frees it; an end sets `ended_at`. What has ended stays so, silently.
        """
        ...


class Votes(Protocol):
    """What people say of a request, under the lock of its row."""

    async def cast(self, deployment: Deployment, vote: Vote) -> Deployment:
        """Keep it in place of the same person's earlier one; counts the deployment's version up."""
        ...

    async def take_back(self, deployment: Deployment, person: str) -> Deployment:
        """As if they had not voted."""
        ...


class Slots(Protocol):
    """One deployment at a time for each service and environment."""

    async def take(self, deployment: Deployment) -> DeploymentId:
        """The holder after the try: this deployment when it was free."""
        ...

    async def holder(self, service: str, environment: str) -> DeploymentId | None: ...


class Work(Protocol):
    """Keys that want another look; inside a unit of work."""

    async def want(self, key: str, at: datetime | None = None) -> None:
        """Look at `key` at `at`, or at once; never later than it was wanted before."""
        ...


class UnitOfWork(Protocol):
    """One transaction for one workspace. Commits when its block ends well."""

    @property
    def workspace(self) -> str: ...

    @property
    def now(self) -> datetime:
        """Read once for the whole transaction."""
        ...

    @property
    def deployments(self) -> Deployments: ...

    @property
    def slots(self) -> Slots: ...

    @property
    def votes(self) -> Votes: ...

    @property
    def locks(self) -> Locks: ...

    @property
    def quarantines(self) -> Quarantines: ...

    @property
    def failures(self) -> Failures: ...

    @property
    def waiting_list(self) -> WaitingList: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def subjects(self) -> Subjects: ...

    @property
    def links(self) -> Links: ...

    @property
    def turns(self) -> Turns: ...

    @property
    def courses(self) -> Courses: ...

    @property
    def frozen(self) -> FrozenPlaces: ...

    @property
    def published(self) -> PublishedReleases: ...

    @property
    def runs(self) -> FollowedRuns: ...

    @property
    def marks(self) -> Marks: ...

    @property
    def digests(self) -> Digests: ...

    @property
    def my_settings(self) -> MySettingsBook: ...

    @property
    def work(self) -> Work: ...

    async def record(self, event: Event, actor: Actor) -> None:
        """Write the event and its audit record."""
        ...

    async def show(self, effect: Effect) -> None:
        """Put an effect into the outbox."""
        ...


class Queries(Protocol):
    """Reads for commands and views, outside any unit of work."""

    async def deployment(self, workspace: str, number: int) -> Deployment | None: ...

    async def deployment_by_id(self, workspace: str, id: DeploymentId) -> Deployment | None: ...

    async def deployment_at(self, workspace: str, card: Posted) -> Deployment | None:
        """The one whose card stands there."""
        ...

    async def card_of(self, workspace: str, id: DeploymentId) -> Posted | None:
        """Where its card stands; its copies stand elsewhere."""
        ...

    async def live(self, workspace: str, service: str, environment: str) -> Live | None: ...

    async def recent(
        self, workspace: str, service: str | None, environment: str | None, limit: int
    ) -> tuple[Deployment, ...]: ...

    async def in_line(self, workspace: str, wish: Wish, number: int | None = None) -> tuple[Deployment, ...]:
        """Who is in its place: those who run come first. Of one with a number only who may go before it.

        None that has ended or is due later, and at most MOST of bot.core.line.
        """
        ...

    async def in_states(
        self, workspace: str, states: Collection[State], limit: int, requester: str | None = None
    ) -> tuple[Shown, ...]:
        """Those in one of these states, the oldest first; of one requester, if one is named."""
        ...

    async def transitions(self, workspace: str, id: DeploymentId) -> tuple[Transition, ...]: ...

    async def open_reviews(self, workspace: str) -> tuple[Deployment, ...]:
        """Emergencies that wait for theirs, the most urgent first."""
        ...


class Watch(Protocol):
    """Which deployments may move now; for hints from providers and for the periodic look at everything."""

    async def open_deployments(
        self,
        workspace: str,
        repository: str | None = None,
        head: Sha | None = None,
        *,
        run: str | None = None,
        waiting_alone: bool = False,
    ) -> tuple[DeploymentId, ...]:
        """Of one repository, if it is named; with `head`, those that wait do so for this release alone.

        `run`: what follows another run than this one is left out.
        `waiting_alone`: what moves already is left out. What is due later never is among them: it comes by
        itself.
        """
        ...

    async def of_run(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]: ...

    async def workspaces(self) -> tuple[str, ...]: ...

    async def now(self) -> datetime:
        """The store's time, by which everything in it is dated."""
        ...


class Units(Protocol):
    """Opens units of work."""

    def begin(
        self, workspace: str, step: Step, *, lease: Lease | None = None, handles: Delivery | None = None
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """With a lease: LeaseLost when somebody else has taken it over. `handles` marks a delivery done."""
        ...
