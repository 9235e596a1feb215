"""From a workflow file to the jobs and steps of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.playground.github.model import Attempt, Job, Run, Step, User
from bot.playground.github.names import Trigger
from bot.playground.github.site import Site
from bot.playground.github.workflow_file import JobPlan, fill
from bot.playground.github.world import Repository

if TYPE_CHECKING:
    from bot.playground.github.runner import Order

SET_UP_SECONDS, TEAR_DOWN_SECONDS = 0.2, 0.1


def new_run(site: Site, order: Order) -> Run:
    """A run with its first attempt, not yet going."""
    repo, file, now = order.repository, order.file, site.clock.now()
    number = repo.run_numbers.get(order.workflow.id, 0) + 1
    repo.run_numbers[order.workflow.id] = number
    late = site.late_until
    run = Run(
        id=site.world.number("run"),
        repository_id=repo.id,
        workflow_id=order.workflow.id,
        workflow_name=file.name,
        path=file.path,
        title=file.name,
        number=number,
        trigger=order.trigger,
        actor=order.actor,
        ref=order.ref,
        head_sha=order.sha,
        inputs=dict(order.inputs),
        created_at=now,
        check_suite_id=site.world.number("suite"),
        group=None,
        visible_at=late if late is not None and late > now else now,
    )
    known = values(site, repo, run)
    run.group = fill(file.group, known) if file.group else None
    run.title = _title(repo, run, fill(file.run_name, known) if file.run_name else "")
    plans = _only_deploying(file.jobs) if site.brief else file.jobs
    run.attempts.append(Attempt(1, now, now, order.actor, [_job(site, plan, known) for plan in plans]))
    return run


def _only_deploying(jobs: tuple[JobPlan, ...]) -> tuple[JobPlan, ...]:
    """For whoever does not look at the stages; each job makes a dozen deliveries and calls."""
    return tuple(replace(plan, needs=()) for plan in jobs if plan.environment) or jobs


def add_attempt(site: Site, run: Run, actor: User, only: set[str] | None) -> None:
    """The next attempt: jobs named in `only` (or all) again, the others as they were."""
    now, last = site.clock.now(), run.latest
    jobs = []
    for job in last.jobs:
        again = only is None or job.key in only
        steps = [_anew(step) for step in job.steps] if again else job.steps
        fresh = Job(
            site.world.number("job"),
            job.key,
            job.name,
            job.needs,
            job.condition,
            job.environment,
            now,
            steps,
            job.uploads,
        )
        if not again:
            fresh.status, fresh.conclusion, fresh.appeared = job.status, job.conclusion, True
            fresh.started_at, fresh.completed_at, fresh.log = job.started_at, job.completed_at, job.log
        jobs.append(fresh)
    run.attempts.append(Attempt(last.number + 1, now, now, actor, jobs))


def _anew(step: Step) -> Step:
    return Step(step.name, step.number, step.seconds, command=step.command)


def values(site: Site, repo: Repository, run: Run) -> dict[str, str]:
    """What expressions in a workflow may name."""
    actor = run.latest.actor if run.attempts else run.actor
    return {
        **{f"inputs.{name}": value for name, value in run.inputs.items()},
        **{f"github.event.inputs.{name}": value for name, value in run.inputs.items()},
        "github.ref": run.ref,
        "github.ref_name": run.head_branch,
        "github.sha": run.head_sha,
        "github.actor": actor.login,
        "github.workflow": run.workflow_name,
        "github.run_id": str(run.id),
        "github.run_number": str(run.number),
        "github.event_name": run.trigger,
        "github.repository": repo.full_name,
        "github.server_url": site.urls.web,
    }


def is_named(job: Job, wanted: str | None) -> bool:
    return wanted is not None and wanted in (job.key.lower(), job.name.lower())


def breaking_step(job: Job) -> Step:
    """Where a job that is told to fail does so: at its longest step, the real work."""
    return max(job.steps, key=lambda step: step.seconds)


def _title(repo: Repository, run: Run, named: str) -> str:
    if named:
        return named
    if run.trigger is Trigger.PUSH:
        return repo.git.commits[run.head_sha].message.partition("\n")[0]
    return run.workflow_name


def _job(site: Site, plan: JobPlan, known: dict[str, str]) -> Job:
    steps = [Step("Set up job", 1, SET_UP_SECONDS)]
    for number, each in enumerate(plan.steps, start=2):
        step = Step(fill(each.name, known), number, each.seconds, command=fill(each.command, known))
        steps.append(step)
    steps.append(Step("Complete job", len(steps) + 1, TEAR_DOWN_SECONDS))
    return Job(
        id=site.world.number("job"),
        key=plan.key,
        name=fill(plan.name, known),
        needs=plan.needs,
        condition=plan.condition,
        environment=fill(plan.environment, known) if plan.environment else None,
        created_at=site.clock.now(),
        steps=steps,
        uploads=tuple(s.upload for s in plan.steps if s.upload is not None),
    )
