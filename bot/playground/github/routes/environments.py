"""Environments and what protects them."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.http import Json, Route, answer, listed, not_found
from bot.playground.github.model import Environment
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area
from bot.playground.github.shapes import deployments
from bot.playground.github.world import Repository


class EnvironmentArea(Area):
    """Where deployments go."""

    def routes(self) -> list[Route]:
        one = REPO + "/environments/{environment}"
        return [
            Route("GET", REPO + "/environments", Where.ENVIRONMENTS_LIST, self.environments),
            Route("GET", one, Where.ENVIRONMENT, self.environment),
            Route("GET", one + "/deployment-branch-policies", Where.BRANCH_POLICIES, self.policies),
            Route("GET", one + "/deployment_protection_rules", Where.PROTECTION_RULES, self.rules),
        ]

    async def environments(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        rows = list(repo.environments.values())
        return listed(request, rows, lambda e: self._shown(repo, e), "environments")

    async def environment(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        return answer(self._shown(repo, self._find(request, repo)))

    async def policies(self, request: web.Request) -> web.StreamResponse:
        found = self._find(request, self.repo(request))
        rows = list(range(len(found.policies)))
        return listed(request, rows, lambda n: deployments.branch_policy(found, n), "branch_policies")

    async def rules(self, request: web.Request) -> web.StreamResponse:
        found, app = self._find(request, self.repo(request)), self.site.access.app
        rows = []
        if found.custom_rule and app is not None:
            rows = [deployments.protection_rule(self.urls, found, app.id, app.slug)]
        return answer({"total_count": len(rows), "custom_deployment_protection_rules": rows})

    def _shown(self, repo: Repository, one: Environment) -> Json:
        asked = [self.world.users[login] for login in one.reviewers]
        return deployments.environment(self.urls, repo, one, asked)

    def _find(self, request: web.Request, repo: Repository) -> Environment:
        found = repo.environments.get(request.match_info["environment"])
        if found is None:
            raise not_found()
        return found
