"""Workflows, and dispatching them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.playground.github.auth import Kind, Principal
from bot.playground.github.git import HEADS, TAGS
from bot.playground.github.http import (
    Json,
    Refusal,
    Route,
    answer,
    body_of,
    invalid,
    listed,
    needed,
    not_found,
    nothing,
)
from bot.playground.github.names import Trigger, Where, WorkflowState
from bot.playground.github.routes.base import REPO, Area
from bot.playground.github.runner import Order
from bot.playground.github.shapes import actions
from bot.playground.github.workflow_file import DispatchRefused, check_payload
from bot.playground.github.world import Repository, Workflow

API_VERSION = "X-GitHub-Api-Version"
ALWAYS_DETAILED = "2026-03-10"


class WorkflowArea(Area):
    """Workflows of the default branch, and those that a push to another one brought."""

    def routes(self) -> list[Route]:
        one = REPO + "/actions/workflows/{workflow}"
        return [
            Route("GET", REPO + "/actions/workflows", Where.WORKFLOWS_LIST, self.workflows),
            Route("GET", one, Where.WORKFLOW, self.workflow),
            Route("PUT", one + "/enable", Where.WORKFLOW_SWITCH, self.enable),
            Route("PUT", one + "/disable", Where.WORKFLOW_SWITCH, self.disable),
            Route("POST", one + "/dispatches", Where.DISPATCH, self.dispatch),
        ]

    async def workflows(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        rows = list(repo.workflows.values())
        return listed(request, rows, lambda w: actions.workflow(self.urls, repo, w), "workflows")

    async def workflow(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return answer(actions.workflow(self.urls, repo, self._workflow(request, repo)))

    async def enable(self, request: web.Request) -> web.StreamResponse:
        self._workflow(request, self.repo(request)).state = WorkflowState.ACTIVE
        return nothing()

    async def disable(self, request: web.Request) -> web.StreamResponse:
        self._workflow(request, self.repo(request)).state = WorkflowState.DISABLED
        return nothing()

    async def dispatch(self, request: web.Request) -> web.StreamResponse:
        repo, body = self.repo(request), await body_of(request)
        self._may_write(self.principal(request), repo)
        workflow = self._workflow(request, repo)
        try:
            order = self._order(repo, workflow, self.principal(request), body)
        except DispatchRefused as refused:
            raise invalid(str(refused)) from refused
        run = self.parts.runner.start(order)
        detailed = body.get("return_run_details") or request.headers.get(API_VERSION) == ALWAYS_DETAILED
        if not detailed:
            return nothing()
        links = actions.run_links(self.urls, repo, run)
        return answer({"workflow_run_id": run.id, "run_url": links["url"], "html_url": links["html_url"]})

    def _order(self, repo: Repository, workflow: Workflow, who: Principal, body: Json) -> Order:
        """Check a dispatch in GitHub's order; the file at the reference decides, not the default branch's."""
        asked = needed(body, "ref")
        given: Any = body.get("inputs") or {}
        if not isinstance(given, dict):
            raise invalid("Invalid request.\n\nFor 'properties/inputs', it is not an object.")
        check_payload(given)
        if workflow.state is not WorkflowState.ACTIVE:
            raise DispatchRefused("Cannot trigger a 'workflow_dispatch' on a disabled workflow")
        ref = _full(repo, asked)
        head = repo.git.ref_commit(ref) if ref else None
        if ref is None or head is None:
            raise DispatchRefused(f"No ref found for: {asked}")
        file = repo.file_at(workflow, head.sha)
        if file is None:
            raise DispatchRefused("Workflow does not have 'workflow_dispatch' trigger")
        inputs = file.checked_inputs(given)
        return Order(repo, workflow, file, Trigger.DISPATCH, who.user, ref, head.sha, inputs)

    def _may_write(self, who: Principal, repo: Repository) -> None:
        if who.kind is Kind.APP:
            raise Refusal(403, "Resource not accessible by integration")
        if who.kind is Kind.TOKEN and repo.roles.get(who.user.login) in (None, "read", "triage"):
            raise Refusal(403, "Must have admin rights to Repository.")

    def _workflow(self, request: web.Request, repo: Repository) -> Workflow:
        found = repo.workflow(request.match_info["workflow"])
        if found is None:
            raise not_found()
        return found


def _full(repo: Repository, asked: str) -> str | None:
    """The branch or tag a dispatch means; a branch wins over a tag of its name, and a SHA is neither."""
    tried = [asked] if asked.startswith("refs/") else [HEADS + asked, TAGS + asked]
    return next((ref for ref in tried if ref in repo.git.refs), None)
