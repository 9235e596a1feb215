"""GitHub as the place where pipelines run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.core.gate_runs import GateView, GateWord
from bot.core.runs import Receipt, Run, RunRef, TriggerSpec
from integrations.github import gates, refusals
from integrations.github.clients import Answer, Clients, send
from integrations.github.errors import Call, message_of, not_found, status_of
from integrations.github.pins import make_tag
from integrations.github.refs import TAGS
from integrations.github.runs import run_of

PROVIDER = "github"
STARTS = "actions: write"
READS = "actions: read"
DISPATCHED, PUSHED = "workflow_dispatch", "push"
RUNS_SEARCHED = 200
# GitHub cuts times to whole seconds, and its clock is not ours.
SKEW = timedelta(seconds=5)
_ANY_KEY = re.compile(r"(?<![A-Za-z0-9-])slw-[1-9][0-9]*-[a-z2-7]{10}(?![A-Za-z0-9])")


class GitHubCi:
    """Implements `CiProvider`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def trigger(self, spec: TriggerSpec) -> Receipt:
        if spec.pushes:
            await make_tag(self._clients, spec.repository, spec.ref.removeprefix(TAGS), spec.workflow_sha)
            return Receipt(None)  # which run it starts is known to the list of runs alone
        if refusals.too_many_inputs(spec):
            raise refusals.explain(refusals.Refusal.TOO_MANY_INPUTS, spec, "")
        call = Call(spec.repository, f"start {spec.workflow}", STARTS)
        answer = await self._clients.write(call, lambda repo: _dispatch(repo, spec))
        made = answer.data.get("workflow_run_id")
        return Receipt(_ref(spec, made) if made else None)

    async def find(self, spec: TriggerSpec, since: datetime) -> RunRef | None:
        call = Call(spec.repository, f"list the runs of {spec.workflow}", READS)
        found = await self._clients.read(call, lambda repo: self._find(repo, spec, since))
        return _ref(spec, found) if found else None

    async def observe(self, ref: RunRef) -> Run | None:
        if not is_number(ref.external_id):
            return None
        call = Call(ref.repository, f"read run {ref.external_id}", READS)
        return await self._clients.read(call, lambda repo: _observe(repo, ref))

    async def cancel(self, ref: RunRef) -> None:
        call = Call(ref.repository, f"cancel run {ref.external_id}", STARTS)
        if not is_number(ref.external_id):
            raise not_found(call)
        await self._clients.write(call, lambda repo: _cancel(repo, ref))

    async def gates(self, ref: RunRef) -> GateView | None:
        if not is_number(ref.external_id):
            return None
        call = Call(ref.repository, f"read what run {ref.external_id} waits for", READS)
        app = self._clients.access.app_id
        return await self._clients.read(call, lambda repo: gates.view(repo, ref, app))

    async def answer(self, ref: RunRef, gate: str, word: GateWord, comment: str) -> bool:
        call = Call(ref.repository, f"answer run {ref.external_id}, which waits at {gate}", gates.ANSWERS)
        if not is_number(ref.external_id):
            raise not_found(call)
        if not self._clients.access.app_id:
            raise gates.only_an_app(call)
        return await self._clients.write(call, lambda repo: gates.answer(repo, ref, gate, word, comment))

    def _find(self, repo: Repository, spec: TriggerSpec, since: datetime) -> int | None:
        workflow = repo.get_workflow(spec.workflow)
        if spec.pinned:
            tag = spec.ref.removeprefix(TAGS)
            told = workflow.get_runs(branch=tag, event=PUSHED if spec.pushes else DISPATCHED)
            mine = [run for run in self._ours(repo, told) if run.head_branch == tag]
            return _only(run for run in mine if run.head_sha == spec.workflow_sha) or _only(mine)
        from_then = f">={since - SKEW:%Y-%m-%dT%H:%M:%SZ}"
        told = workflow.get_runs(event=DISPATCHED, created=from_then)
        return _only(run for run in self._ours(repo, told) if spec.key in _keys_in(run))

    def _ours(self, repo: Repository, told: Iterable[WorkflowRun]) -> Iterator[WorkflowRun]:
        """Tag and key are there for all to see; whoever may write could start another run with them."""
        runs = list(islice(told, RUNS_SEARCHED))
        me = self._clients.login(repo).casefold() if runs else ""
        return (run for run in runs if run.actor and run.actor.login.casefold() == me)


def _ref(spec: TriggerSpec, run_id: int) -> RunRef:
    return RunRef(PROVIDER, spec.repository, str(run_id))


def is_number(external_id: str) -> bool:
    """It becomes part of an address."""
    return external_id.isascii() and external_id.isdecimal()


def _only(runs: Iterable[WorkflowRun]) -> int | None:
    """Exactly one, or we do not know which."""
    found = [run.id for run in runs]
    return found[0] if len(found) == 1 else None


def _keys_in(run: WorkflowRun) -> list[str]:
    """Operation keys that a workflow shows in the name of its run."""
    return _ANY_KEY.findall(run.display_title or "")


def _dispatch(repo: Repository, spec: TriggerSpec) -> Answer:
    try:
        return _send_dispatch(repo, spec, details=True)
    except GithubException as error:
        if not (status_of(error) == 422 and "return_run_details" in message_of(error)):
            raise
    # An Enterprise Server that does not know the word refused it all, so nothing was started.
    return _send_dispatch(repo, spec, details=False)


def _send_dispatch(repo: Repository, spec: TriggerSpec, *, details: bool) -> Answer:
    path = f"{repo.url}/actions/workflows/{quote(spec.workflow, safe='')}/dispatches"
    body: dict[str, Any] = {"ref": spec.ref, "inputs": dict(spec.inputs)}
    try:
        return send(repo.requester, "POST", path, body | ({"return_run_details": True} if details else {}))
    except GithubException as error:
        refusal = refusals.classify(error)
        if refusal is None:
            raise
        raise refusals.explain(refusal, spec, message_of(error)) from error


def _observe(repo: Repository, ref: RunRef) -> Run | None:
    try:
        run = repo.get_workflow_run(int(ref.external_id)).complete()
        return run_of(ref, run, list(run.jobs("latest")))
    except GithubException as error:
        if status_of(error) == 404:
            return None
        raise


def _cancel(repo: Repository, ref: RunRef) -> None:
    try:
        send(repo.requester, "POST", f"{repo.url}/actions/runs/{int(ref.external_id)}/cancel")
    except GithubException as error:
        if status_of(error) != 409:  # 409: it has ended already
            raise
