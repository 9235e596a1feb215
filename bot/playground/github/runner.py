"""Takes runs through their jobs and steps, in seconds, and tells everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.github import plans
from bot.playground.github.concurrency import Groups
from bot.playground.github.deploying import Deploying
from bot.playground.github.events import Events
from bot.playground.github.job_logs import log_line, log_lines
from bot.playground.github.model import Attempt, Job, Run, User
from bot.playground.github.names import Conclusion, Status, Trigger
from bot.playground.github.reports import make_artifacts
from bot.playground.github.site import Site
from bot.playground.github.workflow_file import WorkflowFile, holds
from bot.playground.github.world import Repository, Workflow

log = logging.getLogger(__name__)
QUEUE_SECONDS = 0.8
CANCEL_SECONDS = 0.6


@dataclass(frozen=True)
class Order:
    """What starts a run."""

    repository: Repository
    workflow: Workflow
    file: WorkflowFile
    trigger: Trigger
    actor: User
    ref: str
    sha: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """Something to happen to the next run that has this job, wherever it runs unless that is said."""

    job: str
    workflow: str | None = None
    repository: str | None = None

    def fits(self, repo: Repository, run: Run) -> bool:
        names = {name.lower() for job in run.latest.jobs for name in (job.key, job.name)}
        return (
            self.job.lower() in names
            and (self.workflow is None or run.path.endswith("/" + self.workflow))
            and self.repository in (None, repo.full_name, repo.name)
        )


class Runner:
    """All runs of this GitHub."""

    def __init__(self, site: Site, events: Events, deploying: Deploying) -> None:
        self._site, self._events, self._deploying = site, events, deploying
        self._groups = Groups()
        self._drives: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.failures: list[Wish] = []
        self.holds: list[Wish] = []

    async def stop(self) -> None:
        """End every run's task; the runs stay as they are."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def start(self, order: Order) -> Run:
        """Make the run and let it go."""
        run = plans.new_run(self._site, order)
        order.repository.runs[run.id] = run
        run.fail_at = self._take(self.failures, order.repository, run)
        run.hold_at = self._take(self.holds, order.repository, run)
        self._go(order.repository, run, order.file.cancel_in_progress)
        return run

    def rerun(self, repo: Repository, run: Run, actor: User, *, only: set[str] | None) -> None:
        """A new attempt; with `only`, the other jobs keep what they have."""
        run.fail_at = self._take(self.failures, repo, run)
        run.hold_at = self._take(self.holds, repo, run)
        run.cancelling = False
        run.hurry.clear()
        plans.add_attempt(self._site, run, actor, only)
        self._go(repo, run, cancel_others=False)

    def cancel(self, repo: Repository, run: Run) -> None:
        """Ask for the end; it comes a moment later."""
        if not run.cancelling:
            run.cancelling = True
            self._spawn(self._cancel(repo, run))

    def _go(self, repo: Repository, run: Run, cancel_others: bool) -> None:
        self._events.workflow_run(repo, run, Status.REQUESTED)
        for job in run.latest.jobs:
            if job.status is Status.QUEUED and not job.needs:
                self._appear(repo, run, job)
        for other in self._groups.join(repo, run, cancel_others):
            if other.latest.status is Status.IN_PROGRESS:
                self.cancel(repo, other)
            else:
                self._end_early(repo, other)
        self._drives[run.id] = self._spawn(self._drive(repo, run))
        self._site.note_change()

    def _appear(self, repo: Repository, run: Run, job: Job) -> None:
        if not job.appeared:
            job.appeared, job.created_at = True, self._site.clock.now()
            self._events.check_run(repo, run, job, "created")
            self._events.workflow_job(repo, run, job, Status.QUEUED)

    def _take(self, wishes: list[Wish], repo: Repository, run: Run) -> str | None:
        wish = next((w for w in wishes if w.fits(repo, run)), None)
        if wish is None:
            return None
        wishes.remove(wish)
        return wish.job.lower()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a run of the playground broke", exc_info=task.exception())

    async def _drive(self, repo: Repository, run: Run) -> None:
        attempt = run.latest
        turn = self._groups.turn(run)
        if not turn.is_set():
            self._set(attempt, Status.PENDING)
            await turn.wait()
            self._set(attempt, Status.QUEUED)
        await self._site.pause(QUEUE_SECONDS, run.hurry)
        self._set(attempt, Status.IN_PROGRESS)
        self._events.workflow_run(repo, run, Status.IN_PROGRESS)
        done = {job.key: asyncio.Event() for job in attempt.jobs}
        async with asyncio.TaskGroup() as group:
            for job in attempt.jobs:
                group.create_task(self._job(repo, run, job, done))
        failed = any(job.conclusion is Conclusion.FAILURE for job in attempt.jobs)
        self._finish(repo, run, Conclusion.FAILURE if failed else Conclusion.SUCCESS)

    async def _job(self, repo: Repository, run: Run, job: Job, done: dict[str, asyncio.Event]) -> None:
        for need in job.needs:
            await done[need].wait()
        if job.status is not Status.COMPLETED:
            self._appear(repo, run, job)
            await self._perform(repo, run, job)
        done[job.key].set()

    async def _perform(self, repo: Repository, run: Run, job: Job) -> None:
        before = [other.conclusion for other in run.latest.jobs if other.key in job.needs]
        goes = holds(
            job.condition,
            plans.values(self._site, repo, run),
            needs_succeeded=all(c is Conclusion.SUCCESS for c in before),
            needs_failed=Conclusion.FAILURE in before,
        )
        if not goes:
            self._complete(repo, run, job, Conclusion.SKIPPED)
        elif job.environment and not await self._deploying.may_enter(repo, run, job):
            self._complete(repo, run, job, Conclusion.FAILURE)
        else:
            await self._work(repo, run, job)

    async def _work(self, repo: Repository, run: Run, job: Job) -> None:
        now = self._site.clock.now
        job.status, job.started_at = Status.IN_PROGRESS, now()
        self._events.workflow_job(repo, run, job, Status.IN_PROGRESS)
        self._deploying.started(repo, run, job)
        self._site.note_change()
        if plans.is_named(job, run.hold_at):
            await run.hurry.wait()
        breaking = plans.breaking_step(job) if plans.is_named(job, run.fail_at) else None
        failed = False
        for step in job.steps:
            if failed and step.number != job.steps[-1].number:
                step.status, step.conclusion = Status.COMPLETED, Conclusion.SKIPPED
                continue
            step.status, step.started_at = Status.IN_PROGRESS, now()
            self._touch(run)
            await self._site.pause(step.seconds, run.hurry)
            failed = failed or step is breaking
            step.conclusion = Conclusion.FAILURE if step is breaking else Conclusion.SUCCESS
            step.status, step.completed_at = Status.COMPLETED, now()
            job.log += log_lines(now(), step, run)
            self._touch(run)
        run.artifacts += make_artifacts(self._site, repo, run, job, failed)
        self._complete(repo, run, job, Conclusion.FAILURE if failed else Conclusion.SUCCESS)

    def _complete(self, repo: Repository, run: Run, job: Job, conclusion: Conclusion) -> None:
        now = self._site.clock.now()
        job.status, job.conclusion, job.completed_at = Status.COMPLETED, conclusion, now
        job.started_at = job.started_at or now
        self._touch(run)
        self._events.workflow_job(repo, run, job, Status.COMPLETED)
        self._events.check_run(repo, run, job, "completed")
        self._deploying.ended(repo, run, job)

    def _finish(self, repo: Repository, run: Run, conclusion: Conclusion) -> None:
        attempt = run.latest
        attempt.conclusion = conclusion
        self._set(attempt, Status.COMPLETED)
        self._groups.leave(run)
        self._events.check_suite(repo, run)
        self._events.workflow_run(repo, run, Status.COMPLETED)
        self._site.note_change()

    async def _cancel(self, repo: Repository, run: Run) -> None:
        await self._site.pause(CANCEL_SECONDS, run.hurry)
        self._end_early(repo, run)

    def _end_early(self, repo: Repository, run: Run) -> None:
        """Stop the run where it is; what was not done yet is cancelled."""
        if run.latest.status is Status.COMPLETED:
            return
        drive = self._drives.get(run.id)
        if drive is not None:
            drive.cancel()
        for job in run.latest.jobs:
            if job.status is Status.COMPLETED:
                continue
            self._appear(repo, run, job)
            for step in job.steps:
                if step.status is not Status.COMPLETED:
                    step.status, step.conclusion = Status.COMPLETED, Conclusion.CANCELLED
            job.log.append(log_line(self._site.clock.now(), "##[error]The operation was canceled."))
            self._complete(repo, run, job, Conclusion.CANCELLED)
        self._finish(repo, run, Conclusion.CANCELLED)

    def _set(self, attempt: Attempt, status: Status) -> None:
        attempt.status, attempt.updated_at = status, self._site.clock.now()
        self._site.note_change()

    def _touch(self, run: Run) -> None:
        run.latest.updated_at = self._site.clock.now()
        self._site.note_change()
