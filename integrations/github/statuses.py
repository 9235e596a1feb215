"""GitHub's words for the state of a run or a job, in ours. What we do not know is unknown, never success."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.runs import RunStatus

_RUNNING_WORDS = {
    "requested": RunStatus.QUEUED,
    "queued": RunStatus.QUEUED,
    "pending": RunStatus.QUEUED,
    "waiting": RunStatus.WAITING,
    "in_progress": RunStatus.RUNNING,
}
_ENDING_WORDS = {
    "success": RunStatus.SUCCESS,
    "failure": RunStatus.FAILURE,
    "timed_out": RunStatus.FAILURE,
    "startup_failure": RunStatus.FAILURE,
    "cancelled": RunStatus.CANCELLED,
    "skipped": RunStatus.SKIPPED,
    "neutral": RunStatus.SKIPPED,
    "stale": RunStatus.SKIPPED,
    "action_required": RunStatus.NEEDS_PERSON,
}
COMPLETED = "completed"


def status_of(status: str | None, conclusion: str | None) -> RunStatus:
    """A conclusion counts only once the thing has completed: a re-run may still show its last one."""
    words, word = (_ENDING_WORDS, conclusion) if status == COMPLETED else (_RUNNING_WORDS, status)
    return words.get(word or "", RunStatus.UNKNOWN)


def raw(status: str | None, conclusion: str | None) -> str:
    """GitHub's own words, to be shown beside `unknown`."""
    return "/".join(part for part in (status, conclusion) if part) or "nothing"


def of_run(status: RunStatus, jobs: Sequence[RunStatus]) -> RunStatus:
    """GitHub calls a run a success when every job of it was skipped; nothing was deployed then."""
    nothing_ran = bool(jobs) and all(job is RunStatus.SKIPPED for job in jobs)
    return RunStatus.SKIPPED if status is RunStatus.SUCCESS and nothing_ran else status
