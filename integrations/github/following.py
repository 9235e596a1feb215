"""Every attempt of any run, and the listing in which a start that failed shows up without a webhook.

Calls: a run that is under way takes two (run, jobs), one that has ended three (and its artifacts), one that
is on record to its end one. Each earlier attempt that is not on record takes two more, once. A listing takes
one for each hundred runs, and costs nothing of the hourly limit when it is as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from github import GithubException
from github.PaginatedList import PaginatedList
from github.Repository import Repository
from github.Requester import Requester
from github.WorkflowJob import WorkflowJob
from github.WorkflowRun import WorkflowRun

from bot.core.following import About, Artifact, Listed, RunReading
from bot.core.following_ports import Listing
from bot.core.runs import RunRef, RunStatus
from integrations.github import statuses
from integrations.github.ci import DISPATCHED, PUSHED, READS, is_number
from integrations.github.clients import PAGE, Clients
from integrations.github.errors import Call, status_of
from integrations.github.gates import look_up, path_of
from integrations.github.runs import run_of

MOST_JOBS = 500  # of one attempt; each hundred takes a call
MOST_ARTIFACTS = 100
PAGES = 10  # of a listing, a hundred runs each; GitHub shows no more than a thousand
NOT_MODIFIED = 304
OF_FORKS, NOBODY = "pull_request", "unknown"
BY_US = (DISPATCHED, PUSHED)  # how we start something


class GitHubRuns:
    """Implements `RunReader`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def read(self, ref: RunRef, settled: Collection[int]) -> tuple[RunReading, ...] | None:
        if not is_number(ref.external_id):
            return None
        call = Call(ref.repository, f"follow run {ref.external_id}", READS)
        return await self._clients.read(call, lambda repo: _read(repo, ref, settled, self._clients.login))

    async def newest(self, repository: str, since: datetime, etag: str) -> Listing | None:
        call = Call(repository, "list the runs", READS)
        return await self._clients.read(call, lambda repo: _newest(repo, since, etag))


def _read(
    repo: Repository, ref: RunRef, settled: Collection[int], login: Callable[[Repository], str]
) -> tuple[RunReading, ...] | None:
    try:
        last = repo.get_workflow_run(int(ref.external_id)).complete()
    except GithubException as error:
        if status_of(error) != 404:
            raise
        repo.complete()  # one that we may not read any more says 404 to everything
        return None
    number = last.run_attempt or 1
    told = {each: last.get_attempt(each).complete() for each in range(1, number) if each not in settled}
    if number not in settled:
        told[number] = last
    over = any(_is_over(each.status, each.conclusion) for each in told.values())
    left = _artifacts(repo, ref) if over else []
    ours = bool(told) and last.event in BY_US and _is_by(last, login(repo))
    readings = []
    for each, attempt in told.items():
        after = last if each + 1 == number else told.get(each + 1)
        if after is None and each < number:
            after = last.get_attempt(each + 1).complete()
        readings.append(_attempt(repo, ref, attempt, each, _share(left, attempt, after), ours=ours))
    return tuple(readings)


def _share(
    left: Sequence[dict[str, Any]], attempt: WorkflowRun, after: WorkflowRun | None
) -> tuple[Artifact, ...] | None:
    """GitHub hangs them on the run; which attempt left one is told by the time alone."""
    if not _is_over(attempt.status, attempt.conclusion):
        return None
    until = after.run_started_at if after is not None else None
    mine = [each for each in left if _moment(each, "created_at") >= attempt.run_started_at]
    return tuple(
        Artifact(str(each.get("name")), int(each.get("size_in_bytes") or 0))
        for each in mine
        if until is None or _moment(each, "created_at") < until
    )


def _attempt(
    repo: Repository,
    ref: RunRef,
    told: WorkflowRun,
    number: int,
    left: tuple[Artifact, ...] | None,
    *,
    ours: bool,
) -> RunReading:
    jobs: PaginatedList[WorkflowJob] = PaginatedList(
        WorkflowJob,
        repo.requester,
        f"{repo.url}/actions/runs/{int(ref.external_id)}/attempts/{number}/jobs",
        None,
        list_item="jobs",
    )
    run = run_of(ref, told, list(islice(jobs, MOST_JOBS)))
    who, commit = told.triggering_actor or told.actor, told.head_commit
    title = (commit.message or "").partition("\n")[0] if commit else ""
    about = About(
        workflow=told.name or "",
        path=path_of(repo, told),
        branch=_branch(told),
        event=told.event or "",
        actor=who.login if who else "",
        number=told.run_number or 0,
        commit=title,
        artifacts=left,
        actor_id=str(who.id) if who else "",
        commit_url=f"{told.html_url.partition('/actions/')[0]}/commit/{told.head_sha}",
        ours=ours,
    )
    return RunReading(run, about, told.updated_at)


def _branch(told: WorkflowRun) -> str:
    """As GitHub writes it: of a fork with its owner before it, for anybody may call theirs `main`."""
    branch, source = told.head_branch or "", told.head_repository
    if not source:  # a fork that was deleted since
        return f"{NOBODY}:{branch}" if told.event.startswith(OF_FORKS) else branch
    return branch if source.id == told.repository.id else f"{source.owner.login}:{branch}"


def _is_by(run: WorkflowRun, login: str) -> bool:
    """Whoever starts it again later, it is of the account that started it first."""
    return run.actor is not None and run.actor.login.casefold() == login.casefold()


def _artifacts(repo: Repository, ref: RunRef) -> list[dict[str, Any]]:
    path = f"/actions/runs/{int(ref.external_id)}/artifacts?per_page={MOST_ARTIFACTS}"
    return [each for each in (look_up(repo, path) or {}).get("artifacts") or [] if isinstance(each, dict)]


def _newest(repo: Repository, since: datetime, etag: str) -> Listing | None:
    """Page by page, as long as a page has none that began before; its address stays the same for the ETag."""
    rows: list[Listed] = []
    first = ""
    for page in range(1, PAGES + 1):
        path = f"{repo.url}/actions/runs?per_page={PAGE}&page={page}"
        known = {"If-None-Match": etag} if etag and page == 1 else {}
        status, headers, text = repo.requester.requestJson("GET", path, headers=known)
        if status == NOT_MODIFIED:
            return None
        if status >= 400:
            raise Requester.createException(status, headers, json.loads(text) if text else {})
        first = first or str(headers.get("etag") or "")
        told = list(_runs(json.loads(text)))
        rows += [_listed(each) for each in told]
        if len(told) < PAGE or _moment(told[-1], "created_at") < since:
            return Listing(tuple(rows), first, complete=True)
    return Listing(tuple(rows), first, complete=False)


def _runs(answer: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in answer["workflow_runs"] if isinstance(each, dict))


def _listed(told: dict[str, Any]) -> Listed:
    status, conclusion = told.get("status"), told.get("conclusion")
    return Listed(
        external_id=str(int(told["id"])),
        attempt=int(told.get("run_attempt") or 1),
        raw_status=statuses.raw(status, conclusion),
        over=_is_over(status, conclusion),
        changed_at=_moment(told, "updated_at"),
    )


def _is_over(status: str | None, conclusion: str | None) -> bool:
    needs_person = statuses.status_of(status, conclusion) is RunStatus.NEEDS_PERSON
    return status == statuses.COMPLETED and not needs_person


def _moment(told: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(str(told[name]))
