"""One execution of a pipeline at a CI provider, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.values import OperationKey, Sha


class RunStatus(StrEnum):
    """The same for every provider; what we do not know is `unknown`, never success."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"  # at a gate of the provider
    SUCCESS = "success"
    UNSTABLE = "unstable"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    NEEDS_PERSON = "needs_person"
    UNKNOWN = "unknown"


RUN_ENDS = frozenset(
    {
        RunStatus.SUCCESS,
        RunStatus.UNSTABLE,
        RunStatus.FAILURE,
        RunStatus.CANCELLED,
        RunStatus.SKIPPED,
    }
)


@dataclass(frozen=True, slots=True)
class RunRef:
    """Which run: provider, repository and the provider's own id."""

    provider: str
    repository: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A job of a run; `detail` names the step that runs or failed."""

    name: str
    status: RunStatus
    detail: str = ""
    url: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stood when it was read."""

    ref: RunRef
    attempt: int
    status: RunStatus
    head_sha: Sha
    url: str
    title: str
    raw_status: str
    stages: tuple[Stage, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """One dispatch, exactly as the request froze it; `ref` is fully qualified."""

    provider: str
    repository: str
    workflow: str
    ref: str
    inputs: tuple[tuple[str, str], ...]
    key: OperationKey
    workflow_sha: Sha
    pinned: bool  # the ref is a tag of our own, so a run on it can only be ours
    pushes: bool = False  # to push that tag is what starts it: there is no dispatch


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the dispatch; `run` is absent where it does not say which run it made."""

    run: RunRef | None
