"""Runs that began at GitHub: which of a commit wait, and what starts them by their workflow's file."""

from __future__ import annotations

from itertools import islice

from github import GithubException
from github.Repository import Repository

from bot.core.gate_runs import GateView, Starts
from bot.core.pipelines import AcceptedInput
from bot.core.runs import RunRef
from bot.core.values import Sha
from integrations.github import gates, statuses, workflow_files
from integrations.github.ci import PROVIDER, READS
from integrations.github.clients import Clients
from integrations.github.errors import Call, status_of
from integrations.github.whole import too_many
from integrations.github.workflow_files import WorkflowFile

FOLDER = ".github/workflows/"
RUNS_SEARCHED = 200
MOST_LIVE = 10  # runs of one workflow and commit; what each waits for takes some calls


class GitHubDoors:
    """Implements `Doors`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def waiting(self, repository: str, workflow: str, sha: Sha) -> tuple[GateView, ...]:
        call = Call(repository, f"list the runs of {workflow} that wait", READS)
        app = self._clients.access.app_id
        return await self._clients.read(call, lambda repo: _waiting(repo, repository, workflow, sha, app))

    async def starts(self, repository: str, workflow: str, sha: Sha) -> Starts | None:
        call = Call(repository, f"read {workflow}")
        return await self._clients.read(call, lambda repo: _starts(repo, workflow, sha))

    async def accepts(self, repository: str, workflow: str, sha: Sha) -> tuple[AcceptedInput, ...] | None:
        call = Call(repository, f"read {workflow}")
        return await self._clients.read(call, lambda repo: _accepts(repo, workflow, sha))


def _accepts(repo: Repository, workflow: str, sha: Sha) -> tuple[AcceptedInput, ...] | None:
    file = _file(repo, workflow, sha)
    return file.accepts if file and file.dispatchable else None


def _waiting(repo: Repository, name: str, workflow: str, sha: Sha, app: str) -> tuple[GateView, ...]:
    told = repo.get_workflow(workflow.removeprefix(FOLDER)).get_runs(head_sha=sha)
    live = [run.id for run in islice(told, RUNS_SEARCHED) if run.status != statuses.COMPLETED]
    if len(live) > MOST_LIVE:
        raise too_many("runs of one commit that have not ended", MOST_LIVE)
    views = [gates.view(repo, RunRef(PROVIDER, name, str(id)), app) for id in live]
    return tuple(view for view in views if view is not None)


def _starts(repo: Repository, workflow: str, sha: Sha) -> Starts | None:
    file = _file(repo, workflow, sha)
    return file.starts if file else None


def _file(repo: Repository, workflow: str, sha: Sha) -> WorkflowFile | None:
    try:
        told = repo.get_contents(FOLDER + workflow.removeprefix(FOLDER), ref=sha)
    except GithubException as error:
        if status_of(error) == 404:
            return None
        raise
    if isinstance(told, list):
        return None
    return workflow_files.parse(told.decoded_content.decode("utf-8", "replace"))
