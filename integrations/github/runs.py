"""Runs and jobs as GitHub tells them, turned into ours. All of it runs in a client's thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.values import sha
from integrations.github import statuses


class _Step(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def conclusion(self) -> str: ...


def run_of(ref: RunRef, told: WorkflowRun, jobs: Sequence[WorkflowJob]) -> Run:
    """The run with its jobs as stages."""
    stages = tuple(stage_of(job) for job in jobs)
    ended = told.status == statuses.COMPLETED
    status = statuses.status_of(told.status, told.conclusion)
    return Run(
        ref=ref,
        attempt=told.run_attempt or 1,
        status=statuses.of_run(status, [stage.status for stage in stages]),
        head_sha=sha(told.head_sha or ""),
        url=told.html_url or "",
        title=told.display_title or told.name or "",
        raw_status=statuses.raw(told.status, told.conclusion),
        stages=stages,
        started_at=told.run_started_at,
        ended_at=told.updated_at if ended else None,
    )


def stage_of(job: WorkflowJob) -> Stage:
    """A job; it has no times of its own before it starts, whatever GitHub writes into them."""
    status = statuses.status_of(job.status, job.conclusion)
    began = status not in (RunStatus.QUEUED, RunStatus.WAITING, RunStatus.SKIPPED)
    return Stage(
        name=job.name or "",
        status=status,
        detail=_detail(job.steps or ()),
        url=job.html_url or "",
        started_at=job.started_at if began else None,
        ended_at=job.completed_at,
    )


def _detail(steps: Sequence[_Step]) -> str:
    """The step that failed, else the one that runs."""
    wanted = (RunStatus.FAILURE, RunStatus.RUNNING)
    told = [(statuses.status_of(step.status, step.conclusion), step.name or "") for step in steps]
    return next((name for status in wanted for seen, name in told if seen is status), "")
