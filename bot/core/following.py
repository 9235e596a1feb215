"""Runs of anybody, as they are kept, and what changed about one between two looks. Pure.

A run of ours is told by its deployment; what is computed here is for those that nobody asked us for as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import Bug
from bot.core.runs import Run, RunRef, RunStatus
from bot.core.values import DeploymentId

KEYS = "run/"  # how the keys begin under which runs are looked at
# A webhook or the listing makes it sooner; alone, it may use a few calls an hour of what a provider allows.
PACES = (
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(hours=1), timedelta(minutes=5)),
)
SLOWEST = timedelta(minutes=15)
GONE_AFTER = timedelta(minutes=2)  # a listing may lag for so long, and so may what is behind it
FAILED = frozenset({RunStatus.FAILURE, RunStatus.UNSTABLE})
VERDICTS = FAILED | {RunStatus.SUCCESS}  # ends that say whether it works


class RunChange(StrEnum):
    """What a channel may want to hear of a run."""

    STARTED = "started"
    WAITS = "waits for approval"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    RECOVERED = "recovered"  # beside `succeeded`: the one before it on this branch had failed
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    ENDED_UNKNOWN = "ended unknown"  # in a way that we do not know, and that is never success
    VANISHED = "vanished"  # the provider no longer knows it


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that a run left, by name and size; what is in it is read where it is needed."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class About:
    """What a run is of, and who started this attempt."""

    workflow: str
    path: str  # of its file
    branch: str
    event: str
    actor: str
    number: int  # counts the runs of the workflow
    commit: str  # the title of the commit that it runs on
    artifacts: tuple[Artifact, ...] | None = None  # absent until it has ended and they were read
    actor_id: str = ""  # the number of that account, which stays when it is renamed
    commit_url: str = ""
    ours: bool = False  # our own account started the run


@dataclass(frozen=True, slots=True)
class RunReading:
    """One attempt as it was just read."""

    run: Run
    about: About
    changed_at: datetime | None  # the provider's word for when that was so


@dataclass(frozen=True, slots=True)
class Told:
    """A change, and when we learned of it."""

    change: RunChange
    at: datetime


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One attempt as it is kept. Without `about`, only its deployment has seen it so far."""

    run: Run
    about: About | None
    changed_at: datetime | None
    observed_at: datetime
    deployment: DeploymentId | None = None
    missing_since: datetime | None = None
    vanished_at: datetime | None = None
    told: tuple[Told, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to this attempt."""
        return has_ended(self.run) or self.vanished_at is not None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to read of it."""
        return has_ended(self.run) and self.about is not None and self.about.artifacts is not None


def run_key(ref: RunRef) -> str:
    """The key under which a run is looked at, and its cards are known."""
    return f"{KEYS}{ref.provider}/{ref.external_id}/{ref.repository}"


def run_of(key: str) -> RunRef:
    """Whose key that is."""
    provider, run, repository = key.removeprefix(KEYS).split("/", 2)
    return RunRef(provider, repository, run)


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a provider's listing: enough to see whether a look would find anything new."""

    external_id: str
    attempt: int
    raw_status: str
    over: bool
    changed_at: datetime | None


def changes(
    before: RunRecord | None, now: RunRecord, previous: RunStatus | None = None
) -> tuple[RunChange, ...]:
    """What is new about this attempt.

    `previous` is how the last run of the same workflow on the same branch ended that ended with a verdict.
    One that is over when it is first seen did not just start, so only its end is told. One that had vanished
    and is there again goes on.
    """
    if before is not None and (has_ended(before.run) or (before.is_over and now.vanished_at is not None)):
        return ()
    if now.is_over:
        return _ends(now, previous)
    found = [] if before is not None else [RunChange.STARTED]
    if waits(now.run) and not (before is not None and waits(before.run)):
        found.append(RunChange.WAITS)
    return tuple(found)


def has_ended(run: Run) -> bool:
    """For good: one that needs a person is called completed, and goes on when that person has agreed."""
    return run.ended_at is not None and run.status is not RunStatus.NEEDS_PERSON


def waits(run: Run) -> bool:
    """Whether some of it waits for a person at the provider."""
    return not {RunStatus.WAITING, RunStatus.NEEDS_PERSON}.isdisjoint(
        {run.status, *(stage.status for stage in run.stages)}
    )


def _ends(now: RunRecord, previous: RunStatus | None) -> tuple[RunChange, ...]:
    if not has_ended(now.run):
        return (RunChange.VANISHED,)
    match now.run.status:
        case RunStatus.SUCCESS:
            recovered = (RunChange.RECOVERED,) if previous in FAILED else ()
            return (RunChange.SUCCEEDED, *recovered)
        case RunStatus.FAILURE | RunStatus.UNSTABLE:
            return (RunChange.FAILED,)
        case RunStatus.CANCELLED:
            return (RunChange.CANCELLED,)
        case RunStatus.SKIPPED:
            return (RunChange.SKIPPED,)
        case RunStatus.UNKNOWN:
            return (RunChange.ENDED_UNKNOWN,)
        case RunStatus.QUEUED | RunStatus.RUNNING | RunStatus.WAITING | RunStatus.NEEDS_PERSON:
            raise Bug(f"{now.run.status} is no end")


def pace(age: timedelta) -> timedelta:
    """How long to wait for the next look at one that is under way."""
    return next((pause for until, pause in PACES if age < until), SLOWEST)


def shown(record: RunRecord) -> tuple[Run, About | None, bool]:
    """What a card tells of an attempt: where this is the same, there is nothing to show anew."""
    about = replace(record.about, artifacts=None) if record.about else None
    return record.run, about, record.vanished_at is not None


def is_gone(record: RunRecord, now: datetime) -> bool:
    """Whether it has been missing for so long that this is no lag."""
    return record.missing_since is not None and now - record.missing_since >= GONE_AFTER


def worth_a_look(listed: Listed, record: RunRecord | None, since: datetime) -> bool:
    """Whether a look would find something that is not on record.

    What ended before `since` and nobody told us of is history: to read all of that would take hours.
    """
    if record is None:
        return not listed.over or (listed.changed_at is not None and listed.changed_at >= since)
    if listed.attempt != record.run.attempt:
        return listed.attempt > record.run.attempt
    if record.is_settled:
        return False
    return has_ended(record.run) or _differs(listed, record)


def _differs(listed: Listed, record: RunRecord) -> bool:
    return (listed.raw_status, listed.changed_at) != (record.run.raw_status, record.changed_at)
