"""Repositories, what is in their folders, and who may do what there."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.git import Commit
from bot.playground.github.http import Refusal, Route, answer, listed, not_found
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area
from bot.playground.github.shapes import commits, people, repos
from bot.playground.github.world import Repository

PERMISSION_OF_ROLE = {
    "admin": "admin",
    "maintain": "write",
    "write": "write",
    "triage": "read",
    "read": "read",
}
RIGHTS = ("pull", "triage", "push", "maintain", "admin")
ROLES = ("read", "triage", "write", "maintain", "admin")


class RepoArea(Area):
    """Whole repositories."""

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/orgs/{org}/repos", Where.REPOSITORIES_LIST, self.repositories),
            Route("GET", "/installation/repositories", Where.REPOSITORIES_LIST, self.of_installation),
            Route("GET", REPO, Where.REPOSITORY, self.repository),
            Route("GET", REPO + "/contents/{path:.*}", Where.CONTENTS, self.contents),
            Route("GET", REPO + "/collaborators/{login}/permission", Where.PERMISSION, self.permission),
        ]

    async def repositories(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["org"].lower() != self.world.organization.login:
            raise not_found()
        rows = list(self.world.repositories.values())
        return listed(request, rows, lambda repo: repos.minimal(self.urls, repo))

    async def of_installation(self, request: web.Request) -> web.StreamResponse:
        rows = list(self.world.repositories.values())
        return listed(request, rows, lambda repo: repos.full(self.urls, repo), "repositories")

    async def repository(self, request: web.Request) -> web.StreamResponse:
        return answer(repos.full(self.urls, self.repo(request)))

    async def contents(self, request: web.Request) -> web.StreamResponse:
        repo, path = self.repo(request), request.match_info["path"].strip("/")
        at = request.query.get("ref") or repo.default_branch
        commit = repo.git.resolve(at)
        if commit is None:
            raise Refusal(404, f"No commit found for the ref {at}")
        if path in commit.tree:
            return answer(commits.content(self.urls, repo, path, commit.tree[path], at))
        return answer(self._folder(repo, commit, path, at))

    def _folder(self, repo: Repository, commit: Commit, path: str, at: str) -> list[dict[str, object]]:
        start = f"{path}/" if path else ""
        inside = [
            name for name in sorted(commit.tree) if name.startswith(start) and "/" not in name[len(start) :]
        ]
        if not inside:
            raise not_found()
        return [commits.folder_entry(self.urls, repo, name, commit.tree[name], at) for name in inside]

    async def permission(self, request: web.Request) -> web.StreamResponse:
        repo, login = self.repo(request), request.match_info["login"]
        who = self.world.user(login)
        if who is None:
            raise Refusal(404, f"{login} is not a user")
        role = repo.roles.get(who.login)
        if role is None:
            return answer({"permission": "none", "role_name": "", "user": self._member(who.login, None)})
        return answer(
            {"permission": PERMISSION_OF_ROLE[role], "role_name": role, "user": self._member(who.login, role)}
        )

    def _member(self, login: str, role: str | None) -> dict[str, object]:
        level = ROLES.index(role) if role else -1
        rights = {right: index <= level for index, right in enumerate(RIGHTS)}
        return {
            **people.user(self.urls, self.world.users[login]),
            "permissions": rights,
            "role_name": role or "",
        }
