"""Jobs with their logs, and the artifacts they left."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from aiohttp import web

from bot.playground.github.http import Refusal, Route, answer, listed, not_found
from bot.playground.github.model import Artifact, Attempt, Job, Run
from bot.playground.github.names import Status, Where
from bot.playground.github.routes.base import REPO, Area, Parts, number
from bot.playground.github.routes.runs import RunArea
from bot.playground.github.shapes import actions
from bot.playground.github.world import Repository

LINK_LIFE = timedelta(minutes=1)
STORAGE = "/storage/"


class JobArea(Area):
    """What runs are made of."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._runs = RunArea(parts)
        self._links: dict[str, tuple[datetime, bytes, str]] = {}

    def routes(self) -> list[Route]:
        run, artifacts = REPO + "/actions/runs/{run}", REPO + "/actions/artifacts"
        return [
            Route("GET", run + "/jobs", Where.JOBS_LIST, self.jobs),
            Route("GET", run + "/attempts/{attempt}/jobs", Where.JOBS_LIST, self.jobs),
            Route("GET", REPO + "/actions/jobs/{job}", Where.JOB, self.job),
            Route("GET", REPO + "/actions/jobs/{job}/logs", Where.JOB_LOGS, self.job_logs),
            Route("POST", REPO + "/actions/jobs/{job}/rerun", Where.JOB_RERUN, self.rerun),
            Route("GET", run + "/artifacts", Where.ARTIFACTS_LIST, self.of_run),
            Route("GET", artifacts, Where.ARTIFACTS_LIST, self.of_repository),
            Route("GET", artifacts + "/{artifact}", Where.ARTIFACT, self.artifact),
            Route("GET", artifacts + "/{artifact}/zip", Where.ARTIFACT_ZIP, self.zip),
            Route("GET", STORAGE + "{key}", Where.ARTIFACT_STORE, self.stored),
        ]

    async def jobs(self, request: web.Request) -> web.StreamResponse:
        repo, run = self._runs.find(request)
        attempts = [run.latest]
        if "attempt" in request.match_info:
            wanted = number(request, "attempt")
            attempts = [a for a in run.attempts if a.number == wanted]
        elif request.query.get("filter") == "all":
            attempts = list(reversed(run.attempts))
        if not attempts:
            raise not_found()
        rows = [(attempt, job) for attempt in attempts for job in attempt.listed]
        return listed(request, rows, lambda row: actions.job(self.urls, repo, run, *row), "jobs")

    async def job(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return answer(actions.job(self.urls, repo, *self._find(request, repo)))

    async def job_logs(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        _, _, job = self._find(request, repo)
        if job.status is not Status.COMPLETED:
            raise not_found()
        return self._redirect("\n".join(job.log).encode() + b"\n", "text/plain")

    async def rerun(self, request: web.Request) -> web.StreamResponse:
        """This job again, and those that need it."""
        repo = self.repo(request)
        run, attempt, job = self._find(request, repo)
        if attempt.status is not Status.COMPLETED:
            raise Refusal(403, "This workflow run is already running")
        keys = {job.key}
        for other in attempt.jobs:
            if keys & set(other.needs):
                keys.add(other.key)
        self.parts.runner.rerun(repo, run, self.principal(request).user, only=keys)
        return answer({}, 201)

    async def of_run(self, request: web.Request) -> web.StreamResponse:
        repo, run = self._runs.find(request)
        wanted = request.query.get("name")
        rows = [a for a in run.artifacts if wanted in (None, a.name)]
        return listed(request, rows, lambda a: actions.artifact(self.urls, repo, run, a), "artifacts")

    async def of_repository(self, request: web.Request) -> web.StreamResponse:
        repo, wanted = self.repo(request), request.query.get("name")
        rows = [(r, a) for r in repo.runs.values() for a in r.artifacts if wanted in (None, a.name)]
        return listed(request, rows, lambda row: actions.artifact(self.urls, repo, *row), "artifacts")

    async def artifact(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return answer(actions.artifact(self.urls, repo, *self._find_artifact(request, repo)))

    async def zip(self, request: web.Request) -> web.StreamResponse:
        _, found = self._find_artifact(request, self.repo(request))
        if found.expired or self.site.clock.now() >= found.expires_at:
            raise Refusal(410, "Artifact has expired")
        return self._redirect(found.content, "application/zip")

    async def stored(self, request: web.Request) -> web.StreamResponse:
        """Where a redirect leads: no credentials, and good for a minute."""
        link = self._links.get(request.match_info["key"])
        if link is None or self.site.clock.now() > link[0]:
            raise Refusal(403, "The link has expired.")
        _, content, kind = link
        return web.Response(body=content, content_type=kind)

    def _redirect(self, content: bytes, kind: str) -> web.Response:
        key = secrets.token_urlsafe(24)
        self._links[key] = (self.site.clock.now() + LINK_LIFE, content, kind)
        return web.Response(status=302, headers={"Location": self.urls.web + STORAGE + key})

    def _find(self, request: web.Request, repo: Repository) -> tuple[Run, Attempt, Job]:
        wanted = number(request, "job")
        for run in repo.runs.values():
            for attempt in run.attempts:
                for job in attempt.listed:
                    if job.id == wanted and self.site.visible(run):
                        return run, attempt, job
        raise not_found()

    def _find_artifact(self, request: web.Request, repo: Repository) -> tuple[Run, Artifact]:
        wanted = number(request, "artifact")
        found = ((r, a) for r in repo.runs.values() for a in r.artifacts if a.id == wanted)
        row = next(found, None)
        if row is None:
            raise not_found()
        return row
