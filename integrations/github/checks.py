"""Check runs and commit statuses of one commit, with the workflow of which each check run is a job.

Any workflow may make a check run by the API, under any name: it bears the name of the Actions app, and GitHub
puts it into the suite of whichever workflow began first. So neither app nor suite proves where it comes from;
that it is listed among the jobs of a run does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from github import GithubException
from github.CheckRun import CheckRun
from github.CommitStatus import CommitStatus
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.core.checks import ACTIONS_APP, WORKFLOWS, Check, Checks, CheckState, FromAccount, FromApp, newest
from bot.core.values import Sha, short
from integrations.github import statuses
from integrations.github.clients import Clients
from integrations.github.errors import Call, status_of

# GitHub takes the workflow's file and the code of these from the very commit that the run shows. A run for a
# pull request it shows on the pull request's head, and takes both from a merge with the base. What any other
# event starts runs on the default branch, and is as a rule about something else, which the payload names.
OF_ITS_COMMIT = frozenset({"push", "create", "release", "merge_group", "schedule", "workflow_dispatch"})
_STATUS_WORDS = {"success": CheckState.GREEN, "pending": CheckState.PENDING}


@dataclass(frozen=True, slots=True)
class _Made:
    """A check run as an app made it, and the suite that GitHub put it into."""

    check: Check
    app: str
    suite: int


@dataclass(frozen=True, slots=True)
class _Job:
    """What the list of a run's jobs says of a check run."""

    workflow: str  # the path of its file
    event: str  # what started its run
    superseded: bool  # by an attempt that is still under way


async def read(clients: Clients, repository: str, sha: Sha, names: frozenset[str]) -> Checks:
    """All pages of everything; the jobs after the check runs, so that each job we have seen is among them."""
    doing = f"read the checks of {short(sha)}"
    made = await clients.read(
        Call(repository, doing, "checks: read"),
        lambda repo: [_made(one) for one in _check_runs(repo, sha) if one.name in names],
    )
    told = await clients.read(
        Call(repository, doing, "commit statuses: read"),
        lambda repo: [_status(one) for one in _statuses(repo, sha) if one.context in names],
    )
    suites = frozenset(one.suite for one in made if one.app == ACTIONS_APP)
    if not suites:
        return newest([one.check for one in made] + told)
    jobs = await clients.read(Call(repository, doing, "actions: read"), lambda repo: _jobs(repo, sha, suites))
    files = await clients.read(Call(repository, doing), _files)
    return newest([_with_workflow(one, jobs, files) for one in made] + told)


def _check_runs(repo: Repository, sha: Sha) -> PaginatedList[CheckRun]:
    """Earlier ones too: `latest` hides a job behind whatever was made later under its name."""
    return repo.get_commit(sha).get_check_runs(filter="all")


def _statuses(repo: Repository, sha: Sha) -> PaginatedList[CommitStatus]:
    """Each that was ever set; the combined answer is shorter, and does not tell who set them."""
    return PaginatedList(CommitStatus, repo.requester, f"{repo.url}/commits/{sha}/statuses", None)


def _made(told: CheckRun) -> _Made:
    app = told.app.slug if told.app else ""
    check = Check(
        id=told.id,
        name=told.name,
        source=FromApp(app),
        state=_state(told.status, told.conclusion),
        said=(told.conclusion if told.status == statuses.COMPLETED else told.status) or "nothing",
        url=told.html_url or told.details_url or "",
    )
    return _Made(check, app, told.check_suite.id)


def _state(status: str | None, conclusion: str | None) -> CheckState:
    """A conclusion counts only once it has completed: a re-run may still show its last one."""
    if status != statuses.COMPLETED:
        return CheckState.PENDING
    return CheckState.GREEN if conclusion == "success" else CheckState.NOT_GREEN


def _status(told: CommitStatus) -> Check:
    return Check(
        id=told.id,
        name=told.context,
        source=FromAccount(told.creator.login if told.creator else ""),
        state=_STATUS_WORDS.get(told.state, CheckState.NOT_GREEN),
        said=told.state,
        url=told.target_url or "",
    )


def _jobs(repo: Repository, sha: Sha, suites: frozenset[int]) -> dict[int, _Job]:
    """The jobs of these suites' runs, by the number of their check run."""
    runs = [run for run in repo.get_workflow_runs(head_sha=sha) if run.check_suite_id in suites]
    return {number: job for run in runs for number, job in _jobs_of(repo, run)}


def _jobs_of(repo: Repository, run: WorkflowRun) -> Iterator[tuple[int, _Job]]:
    """Of all attempts. In a new one a job shows up only when those that it needs have ended."""
    path, again = _path(repo, run), run.status != statuses.COMPLETED
    for job in run.jobs("all"):
        superseded = again and job.run_attempt < run.run_attempt
        yield int(job.check_run_url.rpartition("/")[2]), _Job(path, run.event, superseded)


def _path(repo: Repository, run: WorkflowRun) -> str:
    """GitHub may write `ci.yml@main`; a file may be called so as well, hence the workflow itself is asked."""
    return repo.get_workflow(run.workflow_id).complete().path if "@" in run.path else run.path


def _files(repo: Repository) -> frozenset[str]:
    """The workflow files of the default branch. GitHub's list of workflows also has those of others."""
    try:
        told = repo.get_contents(WORKFLOWS.rstrip("/"))
    except GithubException as error:
        if status_of(error) == 404:
            return frozenset()
        raise
    return frozenset(each.path for each in told) if isinstance(told, list) else frozenset()


def _with_workflow(made: _Made, jobs: Mapping[int, _Job], files: frozenset[str]) -> Check:
    """Of the Actions app alone: no other app has jobs."""
    job = jobs.get(made.check.id) if made.app == ACTIONS_APP else None
    if job is None:
        return made.check
    source = FromApp(made.app, job.workflow, job.workflow in files, job.event, job.event in OF_ITS_COMMIT)
    if job.superseded:
        return replace(made.check, source=source, state=CheckState.PENDING, said="being run again")
    return replace(made.check, source=source)
