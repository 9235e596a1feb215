"""Deployments and their statuses, made by workflows and by callers."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.http import Refusal, Route, answer, body_of, invalid, listed, needed, not_found
from bot.playground.github.model import Deployment, DeploymentStatus
from bot.playground.github.names import DeploymentState, Where
from bot.playground.github.routes.base import REPO, Area, number, text
from bot.playground.github.shapes import deployments
from bot.playground.github.world import Repository

MOST_DESCRIPTION = 140


class DeploymentArea(Area):
    """What was deployed where."""

    def routes(self) -> list[Route]:
        one = REPO + "/deployments/{deployment}"
        return [
            Route("GET", REPO + "/deployments", Where.DEPLOYMENTS_LIST, self.deployments),
            Route("POST", REPO + "/deployments", Where.DEPLOYMENT_CREATE, self.create),
            Route("GET", one, Where.DEPLOYMENT, self.deployment),
            Route("GET", one + "/statuses", Where.DEPLOYMENT_STATUSES, self.statuses),
            Route("POST", one + "/statuses", Where.DEPLOYMENT_STATUS_CREATE, self.create_status),
        ]

    async def deployments(self, request: web.Request) -> web.StreamResponse:
        repo, query = self.repo(request), request.query
        rows = [
            d
            for d in sorted(repo.deployments.values(), key=lambda d: d.id, reverse=True)
            if query.get("environment", d.environment) == d.environment
            and query.get("sha", d.sha) == d.sha
            and query.get("ref", d.ref) == d.ref
            and query.get("task", d.task) == d.task
        ]
        return listed(request, rows, lambda d: deployments.deployment(self.urls, repo, d))

    async def deployment(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return answer(deployments.deployment(self.urls, repo, self._find(request, repo)))

    async def create(self, request: web.Request) -> web.StreamResponse:
        repo, body = self.repo(request), await body_of(request)
        ref = needed(body, "ref")
        commit = repo.git.resolve(ref)
        if commit is None:
            raise invalid(f"No ref found for: {ref}")
        contexts = body.get("required_contexts")
        if contexts is None or contexts:
            self._checks_hold(repo, commit.sha)
        environment = text(body, "environment", "production")
        made = Deployment(
            id=self.world.number("deployment"),
            repository_id=repo.id,
            sha=commit.sha,
            ref=ref,
            environment=self.parts.deploying.environment(repo, environment).name,
            creator=self.principal(request).user,
            created_at=self.site.clock.now(),
            task=text(body, "task", "deploy"),
            description=text(body, "description"),
            payload=body.get("payload") or {},
            production=bool(body.get("production_environment", environment == "production")),
        )
        self.parts.deploying.create(repo, made, None)
        return answer(deployments.deployment(self.urls, repo, made), 201)

    def _checks_hold(self, repo: Repository, sha: str) -> None:
        """Callers that name no contexts want every status of the commit to be a success."""
        newest = {one.context: one.state for one in repo.statuses if one.sha == sha}
        bad = [context for context, state in newest.items() if state != "success"]
        if bad:
            raise Refusal(409, f"Conflict: Commit status checks failed for {sha[:7]}.")

    async def statuses(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        one = self._find(request, repo)
        rows = list(reversed(one.statuses))
        return listed(request, rows, lambda s: deployments.deployment_status(self.urls, repo, one, s))

    async def create_status(self, request: web.Request) -> web.StreamResponse:
        repo, body = self.repo(request), await body_of(request)
        one, state = self._find(request, repo), needed(body, "state")
        if state not in list(DeploymentState):
            raise invalid("Validation Failed")
        description = text(body, "description")
        if len(description) > MOST_DESCRIPTION:
            raise invalid("Validation Failed")
        status = DeploymentStatus(
            self.world.number("deployment_status"),
            DeploymentState(state),
            description,
            self.principal(request).user,
            self.site.clock.now(),
            text(body, "log_url"),
            text(body, "environment_url"),
        )
        self.parts.deploying.set_status(repo, one, status, None)
        self.site.note_change()
        return answer(deployments.deployment_status(self.urls, repo, one, status), 201)

    def _find(self, request: web.Request, repo: Repository) -> Deployment:
        found = repo.deployments.get(number(request, "deployment"))
        if found is None:
            raise not_found()
        return found
