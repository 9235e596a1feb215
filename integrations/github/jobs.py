"""Of which workflow's run a check run is a job, and what started that run.

A workflow that starts every few minutes leaves thousands of runs on one commit, and GitHub lists the newest
thousand; so a run that is not among the newest is asked for by the suite of the check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.core.checks import Check, CheckState
from bot.core.values import Sha
from integrations.github import statuses
from integrations.github.whole import too_many, whole

MOST_RUNS = 50  # each costs a request
MOST_JOBS = 5_000  # with all attempts; a hundred a request


@dataclass(frozen=True, slots=True)
class Made:
    """A check run as an app made it, and the suite that GitHub put it into."""

    check: Check
    app: str
    suite: int


@dataclass(frozen=True, slots=True)
class Job:
    """What the list of a run's jobs says of a check run."""

    workflow: str  # the path of its file
    event: str  # what started its run
    superseded: bool  # by an attempt that is still under way


def matched(repo: Repository, sha: Sha, made: Iterable[Made]) -> list[tuple[Made, Job | None]]:
    """Each check run with the job that it is; without one, it was made by the API.

    The newest come first. What was green before a later job of the same name, workflow and event has been
    overtaken whatever it is, so nobody asks: a workflow that runs each night would cost a request for each.
    """
    newest_first = sorted(made, key=lambda one: one.check.id, reverse=True)
    runs = _runs(repo, sha, [one.suite for one in newest_first])
    jobs: dict[int, dict[int, Job]] = {}
    overtaken: set[tuple[str, int, str]] = set()
    found: list[tuple[Made, Job | None]] = []
    for one in newest_first:
        run = runs.get(one.suite)
        if run is None:
            found.append((one, None))
            continue
        kind = (one.check.name, run.workflow_id, run.event)
        if kind in overtaken and one.check.state is CheckState.GREEN:
            continue
        if run.id not in jobs:
            if len(jobs) == MOST_RUNS:
                raise too_many("workflow runs with one of these checks", MOST_RUNS)
            suite = {each.check.id for each in newest_first if each.suite == one.suite}
            jobs[run.id] = dict(_jobs_of(repo, run, suite))
        job = jobs[run.id].get(one.check.id)
        if job is not None:
            overtaken.add(kind)
        found.append((one, job))
    return found


def _runs(repo: Repository, sha: Sha, suites: Iterable[int]) -> dict[int, WorkflowRun]:
    """The run of each suite: mostly all are on one page, the others cost a request each."""
    wanted = dict.fromkeys(suites)
    page = repo.get_workflow_runs(head_sha=sha).get_page(0)
    found = {run.check_suite_id: run for run in page if run.check_suite_id in wanted}
    left = [suite for suite in wanted if suite not in found]
    if len(left) > MOST_RUNS:
        raise too_many("workflow runs with one of these checks", MOST_RUNS)
    for suite in left:
        for run in whole(repo.get_workflow_runs(check_suite_id=suite), "workflow runs of one suite"):
            found[suite] = run
    return found


def _jobs_of(repo: Repository, run: WorkflowRun, wanted: set[int]) -> Iterator[tuple[int, Job]]:
    """Of all attempts. In a new one a job shows up only when those that it needs have ended."""
    path, again = _path(repo, run), run.status != statuses.COMPLETED
    for job in whole(run.jobs("all"), "jobs in one workflow run", MOST_JOBS):
        number = int(job.check_run_url.rpartition("/")[2])
        if number in wanted:
            yield number, Job(path, run.event, again and job.run_attempt < run.run_attempt)
            wanted.remove(number)
        if not wanted:
            return


def _path(repo: Repository, run: WorkflowRun) -> str:
    """GitHub may write `ci.yml@main`; a file may be called so as well, hence the workflow itself is asked."""
    return repo.get_workflow(run.workflow_id).complete().path if "@" in run.path else run.path
