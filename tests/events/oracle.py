"""What must be on record, by a second opinion: it reads the stand-in's world and nothing of ours.

What channels see of it is another matter: `tests/events/cards.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core.following import RunRecord
from bot.playground.github.model import Attempt, Job, Run
from bot.playground.github.world import Repository

GOING = {"requested": "queued", "queued": "queued", "pending": "queued", "in_progress": "running"}
ENDS = {"timed_out": "failure", "startup_failure": "failure", "neutral": "skipped"}


@dataclass(frozen=True)
class Seen:
    """One attempt, in plain words."""

    run: int
    attempt: int
    status: str
    raw: str
    head: str
    branch: str
    path: str
    workflow: str
    event: str
    actor: str
    number: int
    title: str
    commit: str
    jobs: tuple[tuple[str, str], ...]
    artifacts: tuple[tuple[str, int], ...]


def expected(repo: Repository, runs: Iterable[Run]) -> dict[tuple[int, int], Seen]:
    """Every attempt of every run."""
    found = [_told(repo, run, attempt) for run in runs for attempt in run.attempts]
    return {(each.run, each.attempt): each for each in found}


def recorded(records: Iterable[RunRecord]) -> dict[tuple[int, int], Seen]:
    """The same of what is on record."""
    found = [_kept(each) for each in records]
    return {(each.run, each.attempt): each for each in found}


def _told(repo: Repository, run: Run, attempt: Attempt) -> Seen:
    conclusion = f"/{attempt.conclusion}" if attempt.conclusion else ""
    jobs = tuple((job.name, _word(job)) for job in attempt.listed)
    status = _word(attempt)
    if status == "success" and jobs and {word for _, word in jobs} == {"skipped"}:
        status = "skipped"
    return Seen(
        run=run.id,
        attempt=attempt.number,
        status=status,
        raw=f"{attempt.status}{conclusion}",
        head=run.head_sha,
        branch=run.head_branch,
        path=run.path,
        workflow=run.workflow_name,
        event=run.trigger.value,
        actor=attempt.actor.login,
        number=run.number,
        title=run.title,
        commit=repo.git.commits[run.head_sha].message.splitlines()[0],
        jobs=jobs,
        artifacts=tuple(_left(run, attempt)),
    )


def _left(run: Run, attempt: Attempt) -> Iterator[tuple[str, int]]:
    """By the whole seconds that GitHub tells: what was made before the next attempt began."""
    later = [each for each in run.attempts if each.number == attempt.number + 1]
    for each in run.artifacts:
        made = each.created_at.replace(microsecond=0)
        before = all(made < other.started_at.replace(microsecond=0) for other in later)
        if before and made >= attempt.started_at.replace(microsecond=0):
            yield each.name, len(each.content)


def _word(one: Attempt | Job) -> str:
    if one.status != "completed":
        return GOING.get(one.status, str(one.status))
    return ENDS.get(str(one.conclusion), str(one.conclusion))


def _kept(record: RunRecord) -> Seen:
    run, about = record.run, record.about
    last = about.artifacts or () if about else ()
    return Seen(
        run=int(run.ref.external_id),
        attempt=run.attempt,
        status=run.status.value,
        raw=run.raw_status,
        head=run.head_sha,
        branch=about.branch if about else "?",
        path=about.path if about else "?",
        workflow=about.workflow if about else "?",
        event=about.event if about else "?",
        actor=about.actor if about else "?",
        number=about.number if about else 0,
        title=run.title,
        commit=about.commit if about else "?",
        jobs=tuple((stage.name, stage.status.value) for stage in run.stages),
        artifacts=tuple((each.name, each.size) for each in last),
    )
