"""Check runs and commit statuses of one commit, with the workflow of which each check run is a job.

Any workflow may make a check run by the API, under any name: it bears the name of the Actions app, and GitHub
puts it into the suite of whichever workflow began first. So neither app nor suite proves where it comes from;
that it is listed among the jobs of a run does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from github import GithubException
from github.CheckRun import CheckRun
from github.CheckSuite import CheckSuite
from github.Commit import Commit
from github.CommitStatus import CommitStatus
from github.PaginatedList import PaginatedList
from github.Repository import Repository

from bot.core.checks import ACTIONS_APP, WORKFLOWS, Check, Checks, CheckState, FromAccount, FromApp, newest
from bot.core.values import Sha, short
from integrations.github import statuses
from integrations.github.clients import Clients
from integrations.github.errors import Call, status_of
from integrations.github.jobs import Job, Made, matched
from integrations.github.whole import MOST, whole

# GitHub takes the workflow's file and the code of these from the very commit that the run shows. A run for a
# pull request it shows on the pull request's head, and takes both from a merge with the base. What any other
# event starts runs on the default branch, and is as a rule about something else, which the payload names.
OF_ITS_COMMIT = frozenset({"push", "create", "release", "merge_group", "schedule", "workflow_dispatch"})
MOST_SUITES = 50  # each costs a request
MOST_STATUSES = 5_000  # a hundred a request; GitHub lists them by no name
_STATUS_WORDS = {"success": CheckState.GREEN, "pending": CheckState.PENDING}


async def read(clients: Clients, repository: str, sha: Sha, names: frozenset[str]) -> Checks:
    """Each by its name; the jobs after the check runs, so that each job we have seen is among them."""
    doing = f"read the checks of {short(sha)}"
    made = await clients.read(
        Call(repository, doing, "checks: read"),
        lambda repo: [_made(one) for one in _check_runs(repo.get_commit(sha), sorted(names))],
    )
    told = await clients.read(
        Call(repository, doing, "commit statuses: read"),
        lambda repo: [_status(one) for one in _statuses(repo, sha) if one.context in names],
    )
    others = [one.check for one in made if one.app != ACTIONS_APP]
    by_actions = [one for one in made if one.app == ACTIONS_APP]
    if not by_actions:
        return newest(others + told)
    known = await clients.read(
        Call(repository, doing, "actions: read"), lambda repo: matched(repo, sha, by_actions)
    )
    files = await clients.read(Call(repository, doing), _files)
    return newest([_with_workflow(one, job, files) for one, job in known] + others + told)


def _check_runs(commit: Commit, names: Iterable[str]) -> list[CheckRun]:
    """Earlier ones too: `latest` hides a job behind whatever was made later under its name.

    GitHub looks through the newest thousand suites of the commit alone. Where there are more, the suites are
    asked for by the name as well; counted last, lest the thousandth came while we read.
    """
    found = [run for name in names for run in _named(commit, name)]
    if commit.get_check_suites().totalCount <= MOST:
        return found
    return [run for name in names for run in _in_suites(commit, name)]


def _named(within: Commit | CheckSuite, name: str) -> Iterator[CheckRun]:
    runs = within.get_check_runs(check_name=name, filter="all")
    return (run for run in whole(runs, f"check runs called {name}") if run.name == name)


def _in_suites(commit: Commit, name: str) -> list[CheckRun]:
    suites = whole(commit.get_check_suites(check_name=name), f"check suites with {name}", MOST_SUITES)
    return [run for suite in suites for run in _named(suite, name)]


def _statuses(repo: Repository, sha: Sha) -> Iterator[CommitStatus]:
    """Each that was ever set; the combined answer is shorter, and does not tell who set them."""
    listed = PaginatedList(CommitStatus, repo.requester, f"{repo.url}/commits/{sha}/statuses", None)
    return whole(listed, "commit statuses on this commit", MOST_STATUSES)


def _made(told: CheckRun) -> Made:
    app = told.app.slug if told.app else ""
    check = Check(
        id=told.id,
        name=told.name,
        source=FromApp(app),
        state=_state(told.status, told.conclusion),
        said=(told.conclusion if told.status == statuses.COMPLETED else told.status) or "nothing",
        url=told.html_url or told.details_url or "",
    )
    return Made(check, app, told.check_suite.id)


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


def _files(repo: Repository) -> frozenset[str]:
    """The workflow files of the default branch. GitHub's list of workflows also has those of others."""
    try:
        told = repo.get_contents(WORKFLOWS.rstrip("/"))
    except GithubException as error:
        if status_of(error) == 404:
            return frozenset()
        raise
    return frozenset(each.path for each in told) if isinstance(told, list) else frozenset()


def _with_workflow(made: Made, job: Job | None, files: frozenset[str]) -> Check:
    """Of the Actions app alone: no other app has jobs."""
    if job is None:
        return made.check
    source = FromApp(made.app, job.workflow, job.workflow in files, job.event, job.event in OF_ITS_COMMIT)
    if job.superseded:
        return replace(made.check, source=source, state=CheckState.PENDING, said="being run again")
    return replace(made.check, source=source)
