"""Workflow runs: finding them, reading them, ending them, starting them again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiohttp import web

from bot.playground.github.http import Json, Refusal, Route, answer, body_of, listed, not_found, stamp
from bot.playground.github.model import Run
from bot.playground.github.names import Conclusion, Status, Where
from bot.playground.github.reports import logs_zip
from bot.playground.github.routes.base import REPO, Area, number
from bot.playground.github.shapes import actions
from bot.playground.github.world import Repository

MOST_RUNS = 1_000
_CREATED = re.compile(r"^(?:(>=|<=|>|<)(\S+)|(\S+?)\.\.(\S+)|(\S+))$")


class RunArea(Area):
    """Runs of all workflows."""

    def routes(self) -> list[Route]:
        one = REPO + "/actions/runs/{run}"
        return [
            Route("GET", REPO + "/actions/runs", Where.RUNS_LIST, self.runs),
            Route("GET", REPO + "/actions/workflows/{workflow}/runs", Where.RUNS_LIST, self.of_workflow),
            Route("GET", one, Where.RUN, self.run),
            Route("GET", one + "/attempts/{attempt}", Where.RUN, self.attempt),
            Route("POST", one + "/cancel", Where.RUN_CANCEL, self.cancel),
            Route("POST", one + "/force-cancel", Where.RUN_CANCEL, self.cancel),
            Route("POST", one + "/rerun", Where.RUN_RERUN, self.rerun),
            Route("POST", one + "/rerun-failed-jobs", Where.RUN_RERUN, self.rerun_failed),
            Route("GET", one + "/logs", Where.RUN_LOGS, self.logs),
        ]

    async def runs(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return self._listed(request, repo, repo.runs.values())

    async def of_workflow(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        workflow = repo.workflow(request.match_info["workflow"])
        if workflow is None:
            raise not_found()
        return self._listed(request, repo, (r for r in repo.runs.values() if r.workflow_id == workflow.id))

    def _listed(self, request: web.Request, repo: Repository, runs: Iterable[Run]) -> web.Response:
        rows = [run for run in runs if self.site.visible(run) and _wanted(request, run)]
        rows.sort(key=lambda run: run.id, reverse=True)
        return listed(
            request, rows[:MOST_RUNS], lambda run: actions.run(self.urls, repo, run), "workflow_runs"
        )

    async def run(self, request: web.Request) -> web.StreamResponse:
        repo, run = self.find(request)
        return answer(actions.run(self.urls, repo, run))

    async def attempt(self, request: web.Request) -> web.StreamResponse:
        repo, run = self.find(request)
        wanted = number(request, "attempt")
        attempt = next((a for a in run.attempts if a.number == wanted), None)
        if attempt is None:
            raise not_found()
        return answer(actions.run(self.urls, repo, run, attempt))

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        repo, run = self.find(request)
        if run.latest.status is Status.COMPLETED:
            raise Refusal(409, "Cannot cancel a workflow run that is completed.")
        self.parts.runner.cancel(repo, run)
        return answer({}, 202)

    async def rerun(self, request: web.Request) -> web.StreamResponse:
        return await self._again(request, failed_only=False)

    async def rerun_failed(self, request: web.Request) -> web.StreamResponse:
        return await self._again(request, failed_only=True)

    async def _again(self, request: web.Request, *, failed_only: bool) -> web.StreamResponse:
        repo, run = self.find(request)
        await body_of(request)
        if run.latest.status is not Status.COMPLETED:
            raise Refusal(403, "This workflow run is already running")
        only = not_succeeded(run) if failed_only else None
        if only is not None and not only:
            raise Refusal(403, "This workflow run cannot be retried: it has no failed jobs")
        self.parts.runner.rerun(repo, run, self.principal(request).user, only=only)
        return answer({}, 201)

    async def logs(self, request: web.Request) -> web.StreamResponse:
        _, run = self.find(request)
        if run.latest.status is not Status.COMPLETED:
            raise not_found()
        return web.Response(body=logs_zip(run), content_type="application/zip")

    def find(self, request: web.Request) -> tuple[Repository, Run]:
        """The run in the path, unless it is still unseen."""
        repo = self.repo(request)
        found = repo.runs.get(number(request, "run"))
        if found is None or not self.site.visible(found):
            raise not_found()
        return repo, found


def not_succeeded(run: Run) -> set[str]:
    """The failed and cancelled jobs, and what was skipped because of them."""
    bad = {j.key for j in run.latest.jobs if j.conclusion in (Conclusion.FAILURE, Conclusion.CANCELLED)}
    return bad | {j.key for j in run.latest.jobs if bad & set(j.needs) and j.conclusion is Conclusion.SKIPPED}


def _wanted(request: web.Request, run: Run) -> bool:
    query, now = request.query, run.latest
    fits: Json = {
        "actor": run.actor.login,
        "branch": run.head_branch,
        "event": run.trigger.value,
        "head_sha": run.head_sha,
        "check_suite_id": str(run.check_suite_id),
    }
    status = query.get("status")
    if status is not None and status not in (now.status, now.conclusion):
        return False
    return all(query.get(key, value) == value for key, value in fits.items()) and _in_window(
        query.get("created"), stamp(run.created_at)
    )


def _in_window(asked: str | None, created: str) -> bool:
    """GitHub's date search: `>=2026-01-01`, `2026-01-01..2026-01-31`, or one day."""
    match = _CREATED.match(asked) if asked else None
    if match is None:
        return True
    sign, bound, start, end, day = match.groups()
    if sign:
        length = min(len(bound), len(created))
        ours, theirs = created[:length], _in_zulu(bound)[:length]
        return {">=": ours >= theirs, "<=": ours <= theirs, ">": ours > theirs, "<": ours < theirs}[sign]
    if start:
        return (start == "*" or created >= _in_zulu(start)) and (
            end == "*" or created[: len(end)] <= _in_zulu(end)
        )
    return created.startswith(day)


def _in_zulu(moment: str) -> str:
    return moment.replace("+00:00", "Z")
