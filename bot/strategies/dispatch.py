"""A pipeline does it: pin, send, find the run, follow it to its end.

The plan is pure. What is sent is written down before it is sent, so after a crash the question is never
"shall I send?" but "what became of it?"; where that can't be decided, a person is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.durations import format_duration
from bot.core.errors import Bug
from bot.core.lifecycle import State, Trigger
from bot.core.pipelines import Start
from bot.core.records import Attempt, Deployment
from bot.core.request import DeployRequest
from bot.core.runs import RUN_ENDS, Run, RunRef, RunStatus
from bot.core.values import Kind, short

LISTING_LAG = timedelta(minutes=2)  # how long a new run may be missing from a listing
CANCEL_PATIENCE = timedelta(minutes=10)  # how long a run may take to stop before a person is asked
FIRST_LOOKS = (1.0, 2.0, 4.0, 8.0)  # seconds between looks for a run that must be there


Advice = tuple[str, str]  # why, and what a person can do about it


class Need(StrEnum):
    """What must be read before the next decision."""

    FRESH_REQUEST = "fresh request"  # resolve everything once more, right before it is sent
    SEARCH = "search"  # the run that an earlier dispatch may have made
    RUN = "run"
    SINCE = "since"  # when the present state began


@dataclass(frozen=True, slots=True)
class Observed:
    """What was read; None where it was not needed or is not there."""

    changed: tuple[str, ...] = ()  # parts of the request that read differently now
    found: RunRef | None = None
    run: Run | None = None
    since: datetime | None = None


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
    """Keep what the run looks like now, and look again; with an alarm at once."""

    run: Run
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """The next state, why, and what a person can do about it."""

    trigger: Trigger
    why: str
    next: str = ""
    run: Run | None = None
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Say:
    """Nothing to do, but the card says what is odd; look again."""

    why: str
    next: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing to do but look again; None leaves the pace to the caller."""

    after: float | None = None


Decision = Send | Adopt | StopRun | Record | Move | Say | LookAgain


def needs(deployment: Deployment) -> frozenset[Need]:
    """What to read before `plan`."""
    if deployment.run is not None:
        cancelling = deployment.state is State.CANCELLING
        return frozenset({Need.RUN, Need.SINCE}) if cancelling else frozenset({Need.RUN})
    match deployment.attempt:
        case Attempt.NONE | Attempt.PINNING:
            sending = deployment.state is State.DISPATCHING
            return frozenset({Need.FRESH_REQUEST}) if sending else frozenset()
        case Attempt.SENT:
            return frozenset({Need.SEARCH})
        case Attempt.FOUND | Attempt.UNPINNED:
            raise Bug("a run was found but is not on record")


def plan(
    deployment: Deployment, request: DeployRequest, observed: Observed, timeout: timedelta, now: datetime
) -> Decision:
    """The next thing to do for a deployment that holds its slot; a run may take as long as `timeout`."""
    if deployment.run is not None:
        if observed.run is None:
            return _missing(deployment, deployment.run, now)
        hung = _hung(deployment, observed, timeout, now)
        return _follow(deployment, deployment.run, request, observed.run, hung)
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
            _once_more(deployment),
        )
    return Send()


def _once_more(deployment: Deployment) -> str:
    wish = deployment.wish
    match wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE:
            return "Ask again to deploy what is there now."
        case Kind.ROLLBACK:
            return f"Look once more at what runs there: `/rollback {wish.service} {wish.environment}`."
        case Kind.RUN:
            return "Ask again to start it as it is now."
        case Kind.RESTORE:
            return "Look once more at what runs there, then at the card of the rollback."


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
    return Move(Trigger.LOSE_TRACK, *_no_run(request, _if_it_shows_up(deployment)))


def _no_run(request: DeployRequest, what_then: str) -> Advice:
    """A tag that is gone again may have started one all the same, so it proves nothing."""
    if request.start != Start.TAG:
        return (
            "The pipeline was asked to start, the answer was lost, and no run of ours shows up.",
            f"Look for it among the runs of {request.workflow} in {request.repository}, then say whether it"
            f" was deployed. {what_then}",
        )
    tag = request.dispatch_ref.removeprefix("refs/tags/")
    return (
        f"No run of {request.workflow} shows up for the tag {tag}, whose push is to start it.",
        f"Look whether the tag is in {request.repository}, and whether {request.workflow} starts"
        f" `on: push: tags` of such a name; then say whether it was deployed. {what_then}",
    )


def _if_it_shows_up(deployment: Deployment) -> str:
    if deployment.cancelled_by is None:
        return "Nothing moves until then."
    return "If it shows up, it is cancelled."


def _pace(waited: float) -> float:
    past = 0.0
    for pause in FIRST_LOOKS:
        past += pause
        if waited < past:
            return pause
    return FIRST_LOOKS[-1]


def _follow(
    deployment: Deployment, known: Run, request: DeployRequest, seen: Run, hung: Advice | None
) -> Decision:
    if seen.attempt > known.attempt:
        return LookAgain() if known.status in RUN_ENDS else _started_again(known)
    first = _is_other(seen, request) and not _is_other(known, request)  # one mismatch, one alarm
    if seen.status in RUN_ENDS:
        return _ended(deployment, seen, request, alarm=first)
    if deployment.state is State.CANCELLING:
        if first:
            return Record(seen, alarm=True)
        return Move(Trigger.LOSE_TRACK, *hung, run=seen) if hung else StopRun(seen)
    if first or (_is_other(seen, request) and deployment.state is State.RUNNING):
        return Move(Trigger.CANCEL, *_other_commit(seen, request), run=seen, alarm=first)
    if deployment.state is State.UNKNOWN:
        return _while_unknown(deployment, request, seen, hung)
    return Move(Trigger.LOSE_TRACK, *hung, run=seen) if hung else Record(seen)


def _while_unknown(
    deployment: Deployment, request: DeployRequest, seen: Run, hung: Advice | None
) -> Decision:
    """The question stands until the run ends or goes on as it should; what was cancelled stays so."""
    if deployment.cancelled_by is not None or _is_other(seen, request):
        return StopRun(seen)
    return Record(seen) if hung else Move(Trigger.FIND_RUN, "The run shows up again.", run=seen)


def standing(deployment: Deployment, request: DeployRequest, run: Run) -> Advice:
    """What the card says while nothing hinders; a hindrance's note must not outlive the hindrance."""
    if deployment.state is State.RUNNING:
        return "", ""
    if deployment.state is State.CANCELLING and _is_other(run, request):
        return _other_commit(run, request)
    if deployment.state is State.CANCELLING and deployment.cancelled_by is not None:
        return _who_cancelled(deployment), ""
    return deployment.note, deployment.next_step


def _is_other(run: Run, request: DeployRequest) -> bool:
    return run.head_sha != request.workflow_sha


def _other_commit(run: Run, request: DeployRequest) -> Advice:
    return (
        f"The run is of {short(run.head_sha)}, not of {short(request.workflow_sha)}: it is cancelled.",
        "Find out who moved the reference, then ask again.",
    )


def _hung(deployment: Deployment, observed: Observed, timeout: timedelta, now: datetime) -> Advice | None:
    """Why a run that has not ended needs a person, and what that person can do."""
    run = observed.run
    if run is None:
        return None
    if run.status is RunStatus.NEEDS_PERSON:
        return (
            f"The run waits for a person at the provider ({run.raw_status}).",
            "Open it and let it go on, or end it there; what becomes of it is noticed by itself."
            " Or say whether it was deployed.",
        )
    if run.status is RunStatus.UNKNOWN and run.ended_at is not None:
        return (
            f"The run ended in a way that Slipway does not know ({run.raw_status}).",
            "Look at it, then say whether it was deployed. Nothing moves until then.",
        )
    if deployment.state is State.CANCELLING:
        if observed.since is None or now - observed.since < CANCEL_PATIENCE:
            return None
        return (
            f"The run was told to stop {format_duration(CANCEL_PATIENCE)} ago and has not ended.",
            "End it at the provider; its end is noticed by itself. Or say whether it was deployed.",
        )
    if now - (deployment.attempted_at or deployment.created_at) < timeout:
        return None
    return (
        f"The run has not ended after {format_duration(timeout)}.",
        "Look at what it waits for. Its end is noticed by itself; or say whether it was deployed.",
    )


def _missing(deployment: Deployment, known: Run, now: datetime) -> Decision:
    """A new run may be unknown to the provider for a while; an old one is lost when it stays away.

    Since when it is missing is told by the card: its note was written at the first look in vain.
    """
    sent = deployment.attempted_at or deployment.updated_at
    if now - sent < LISTING_LAG or deployment.state is State.UNKNOWN:
        return LookAgain()
    missing = Say(f"The provider does not show run {known.ref.external_id} at the moment.", "")
    if deployment.note != missing.why or now - deployment.updated_at < LISTING_LAG:
        return missing
    return Move(
        Trigger.LOSE_TRACK,
        f"The provider no longer knows run {known.ref.external_id}.",
        f"Find out what became of it, then say whether it was deployed. {_if_it_shows_up(deployment)}",
    )


def _started_again(known: Run) -> Decision:
    """Only the last attempt can be read, and the one that was asked for is not the last."""
    return Move(
        Trigger.RUN_FAILED,
        f"Somebody started run {known.ref.external_id} again at the provider. The attempt that was asked for"
        " here has ended, it is not known how; the new one was not asked for here and is not followed.",
        "Watch the new attempt at the provider, then ask again.",
        run=replace(known, status=RunStatus.UNKNOWN),
    )


def _ended(deployment: Deployment, run: Run, request: DeployRequest, *, alarm: bool) -> Decision:
    if _is_other(run, request):
        return Move(Trigger.RUN_FAILED, *_other_commit_ended(run, request), run=run, alarm=alarm)
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


def _other_commit_ended(run: Run, request: DeployRequest) -> Advice:
    theirs, ours = short(run.head_sha), short(request.workflow_sha)
    match run.status:
        case RunStatus.CANCELLED:
            return (
                f"The run was of {theirs}, not of {ours}. It was cancelled before its end.",
                "Check how far it came, find out who moved the reference, then ask again.",
            )
        case RunStatus.SKIPPED:
            return (
                f"A run of {theirs} ended without running anything, but {ours} was asked for.",
                "Find out who moved the reference, then ask again.",
            )
        case RunStatus.SUCCESS | RunStatus.FAILURE | RunStatus.UNSTABLE:
            return (
                f"A run of {theirs} ended ({run.raw_status}), but {ours} was asked for.",
                "What is deployed now is not what was asked for: check it, then ask again.",
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
