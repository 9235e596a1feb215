"""A pipeline does it: pin, send, find the run, follow it to its end.

The plan is pure. What is sent is written down before it is sent, so after a crash the question is never
"shall I send?" but "what became of it?"; where that can't be decided, a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import Bug
from bot.core.lifecycle import State, Trigger
from bot.core.records import Attempt, Deployment
from bot.core.request import DeployRequest
from bot.core.runs import RUN_ENDS, Run, RunRef, RunStatus
from bot.core.values import short

LISTING_LAG = timedelta(minutes=2)  # how long a new run may be missing from a listing
FIRST_LOOKS = (1.0, 2.0, 4.0, 8.0)  # seconds between looks for a run that must be there


class Need(StrEnum):
    """What must be read before the next decision."""

    FRESH_REQUEST = "fresh request"  # resolve everything once more, right before it is sent
    SEARCH = "search"  # the run that an earlier dispatch may have made
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Observed:
    """What was read; None where it was not needed or is not there."""

    changed: tuple[str, ...] = ()  # parts of the request that read differently now
    found: RunRef | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Pin where the request says so, then dispatch."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """An earlier dispatch made this run: it is ours."""

    ref: RunRef


@dataclass(frozen=True, slots=True)
class StopRun:
    """Ask the provider to end the run, and look again."""

    run: Run


@dataclass(frozen=True, slots=True)
class Record:
    """Keep what the run looks like now, and look again."""

    run: Run


@dataclass(frozen=True, slots=True)
class Move:
    """The next state, why, and what a person can do about it."""

    trigger: Trigger
    why: str
    next: str = ""
    run: Run | None = None
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing to do but look again; None leaves the pace to the caller."""

    after: float | None = None


Decision = Send | Adopt | StopRun | Record | Move | LookAgain


def needs(deployment: Deployment) -> frozenset[Need]:
    """What to read before `plan`."""
    if deployment.run is not None:
        return frozenset({Need.RUN})
    match deployment.attempt:
        case Attempt.NONE | Attempt.PINNING:
            sending = deployment.state is State.DISPATCHING
            return frozenset({Need.FRESH_REQUEST}) if sending else frozenset()
        case Attempt.SENT:
            return frozenset({Need.SEARCH})
        case Attempt.FOUND | Attempt.UNPINNED:
            raise Bug("a run was found but is not on record")


def plan(deployment: Deployment, request: DeployRequest, observed: Observed, now: datetime) -> Decision:
    """The next thing to do for a deployment that holds its slot."""
    if deployment.run is not None:
        return _follow(deployment, deployment.run, request, observed.run, now)
    match deployment.attempt:
        case Attempt.NONE | Attempt.PINNING:
            return _before_sending(deployment, observed)
        case Attempt.SENT:
            return _after_sending(deployment, request, observed, now)
        case Attempt.FOUND | Attempt.UNPINNED:
            raise Bug("a run was found but is not on record")


def _before_sending(deployment: Deployment, observed: Observed) -> Decision:
    if deployment.state is State.CANCELLING:
        return Move(Trigger.RUN_CANCELLED, "It was cancelled before anything had been started.")
    if deployment.state is not State.DISPATCHING:
        raise Bug(f"nothing was sent, and yet it is {deployment.state}")
    if observed.changed:
        parts = ", ".join(part.replace("_", " ") for part in observed.changed)
        return Move(
            Trigger.GO_STALE,
            f"What was asked for has changed since: {parts}.",
            "Ask again to deploy what is there now.",
        )
    return Send()


def _after_sending(
    deployment: Deployment, request: DeployRequest, observed: Observed, now: datetime
) -> Decision:
    if observed.found is not None:
        return Adopt(observed.found)
    if deployment.state is State.UNKNOWN or deployment.attempted_at is None:
        return LookAgain()
    waited = now - deployment.attempted_at
    if waited < LISTING_LAG:
        return LookAgain(_pace(waited.total_seconds()))
    return Move(
        Trigger.LOSE_TRACK,
        "The pipeline was asked to start, the answer was lost, and no run of ours shows up.",
        f"Look for it among the runs of {request.workflow} in {request.repository}, then say whether it was"
        " deployed. Nothing moves until then.",
    )


def _pace(waited: float) -> float:
    past = 0.0
    for pause in FIRST_LOOKS:
        past += pause
        if waited < past:
            return pause
    return FIRST_LOOKS[-1]


def _follow(
    deployment: Deployment, known: Run, request: DeployRequest, seen: Run | None, now: datetime
) -> Decision:
    if seen is None:
        return _missing(deployment, known, now)
    if seen.attempt > known.attempt and known.status in RUN_ENDS:
        return LookAgain()
    if seen.status in RUN_ENDS:
        return _ended(deployment, seen, request)
    if seen.head_sha != request.workflow_sha and deployment.state is State.RUNNING:
        return Move(
            Trigger.CANCEL,
            f"The run is of {short(seen.head_sha)}, not of {short(request.workflow_sha)}: it is cancelled.",
            "Find out who moved the reference, then ask again.",
            run=seen,
            alarm=True,
        )
    match deployment.state:
        case State.CANCELLING:
            return StopRun(seen)
        case State.UNKNOWN:
            return Move(Trigger.FIND_RUN, "The run shows up again.", run=seen)
        case _:
            return Record(seen)


def _missing(deployment: Deployment, known: Run, now: datetime) -> Decision:
    """A new run may be unknown to the provider for a while; an old one that is gone is lost."""
    since = deployment.attempted_at or deployment.updated_at
    if now - since < LISTING_LAG or deployment.state is State.UNKNOWN:
        return LookAgain()
    return Move(
        Trigger.LOSE_TRACK,
        f"The provider no longer knows run {known.ref.external_id}.",
        "Find out what became of it, then say whether it was deployed. Nothing moves until then.",
    )


def _ended(deployment: Deployment, run: Run, request: DeployRequest) -> Decision:
    if run.head_sha != request.workflow_sha:
        return Move(
            Trigger.RUN_FAILED,
            f"A run of {short(run.head_sha)} ended, but {short(request.workflow_sha)} was asked for.",
            "What is deployed now is not what was asked for: check it, then ask again.",
            run=run,
            alarm=True,
        )
    match run.status:
        case RunStatus.SUCCESS:
            return Move(Trigger.RUN_SUCCEEDED, "The pipeline succeeded.", run=run)
        case RunStatus.CANCELLED:
            return Move(Trigger.RUN_CANCELLED, _who_cancelled(deployment), run=run)
        case RunStatus.SKIPPED:
            return Move(
                Trigger.RUN_FAILED,
                "The pipeline ended without running the deployment: every job was skipped.",
                "Look at the conditions in the workflow.",
                run=run,
            )
        case RunStatus.FAILURE | RunStatus.UNSTABLE:
            return Move(
                Trigger.RUN_FAILED, _what_failed(run), "Read its log, mend it, and ask again.", run=run
            )
        case RunStatus.QUEUED | RunStatus.RUNNING | RunStatus.WAITING:
            raise Bug(f"{run.status} is no end")
        case RunStatus.NEEDS_PERSON | RunStatus.UNKNOWN:
            raise Bug(f"{run.status} is no end")


def _who_cancelled(deployment: Deployment) -> str:
    if deployment.cancelled_by is not None:
        return f"Cancelled by {deployment.cancelled_by.name}."
    return "The run was cancelled at the provider."


def _what_failed(run: Run) -> str:
    failed = [stage for stage in run.stages if stage.status is RunStatus.FAILURE]
    if not failed:
        return f"The pipeline failed ({run.raw_status})."
    stage = failed[0]
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    at = f" at “{stage.detail}”" if stage.detail else ""
    return f"{stage.name} failed{at}{more}."
