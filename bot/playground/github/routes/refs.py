"""References, branches and tags."""

from __future__ import annotations

import re

from aiohttp import web

from bot.playground.github.git import HEADS, TAGS
from bot.playground.github.http import (
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
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area
from bot.playground.github.shapes import commits
from bot.playground.github.world import Repository

BAD_NAME = re.compile(r"\.\.|[\x00-\x20~^:?*\[\\\x7f]|@\{|//|\.lock$|\.$|/$|/\.")


class RefArea(Area):
    """Names for commits."""

    def routes(self) -> list[Route]:
        git = REPO + "/git"
        return [
            Route("GET", REPO + "/branches", Where.BRANCHES_LIST, self.branches),
            Route("GET", REPO + "/branches/{branch:.+}", Where.BRANCH, self.branch),
            Route("GET", REPO + "/tags", Where.TAGS_LIST, self.tags),
            Route("GET", git + "/ref/{ref:.+}", Where.REF, self.ref),
            Route("GET", git + "/refs", Where.REFS_LIST, self.all_refs),
            Route("GET", git + "/refs/{ref:.+}", Where.REF, self.ref),
            Route("GET", git + "/matching-refs/{ref:.*}", Where.REFS_LIST, self.matching),
            Route("POST", git + "/refs", Where.REF_CREATE, self.create),
            Route("PATCH", git + "/refs/{ref:.+}", Where.REF_UPDATE, self.update),
            Route("DELETE", git + "/refs/{ref:.+}", Where.REF_DELETE, self.delete),
            Route("GET", git + "/tags/{sha}", Where.TAG_OBJECT, self.tag_object),
        ]

    async def branches(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        names = sorted(name for name in repo.git.refs if name.startswith(HEADS))
        return listed(
            request,
            names,
            lambda ref: commits.branch_short(self.urls, repo, ref.removeprefix(HEADS), repo.git.refs[ref]),
        )

    async def branch(self, request: web.Request) -> web.StreamResponse:
        repo, name = self.repo(request), request.match_info["branch"]
        head = repo.git.ref_commit(HEADS + name)
        if head is None:
            raise Refusal(404, "Branch not found")
        return answer(commits.branch(self.urls, self.world, repo, name, head))

    async def tags(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        names = sorted((n.removeprefix(TAGS) for n in repo.git.refs if n.startswith(TAGS)), reverse=True)
        return listed(
            request,
            names,
            lambda name: commits.tag(self.urls, repo, name, repo.git.peel(repo.git.refs[TAGS + name])),
        )

    async def ref(self, request: web.Request) -> web.StreamResponse:
        repo, name = self.repo(request), self._full(request)
        if name not in repo.git.refs:
            raise not_found()
        return answer(commits.ref(self.urls, repo, name, repo.git.refs[name]))

    async def all_refs(self, request: web.Request) -> web.StreamResponse:
        return self._refs_under(request, "refs/")

    async def matching(self, request: web.Request) -> web.StreamResponse:
        return self._refs_under(request, self._full(request))

    def _refs_under(self, request: web.Request, start: str) -> web.Response:
        repo = self.repo(request)
        names = sorted(name for name in repo.git.refs if name.startswith(start))
        return listed(request, names, lambda name: commits.ref(self.urls, repo, name, repo.git.refs[name]))

    async def create(self, request: web.Request) -> web.StreamResponse:
        repo, body = self.repo(request), await body_of(request)
        name, sha = needed(body, "ref"), needed(body, "sha")
        if not name.startswith("refs/") or name.count("/") < 2:
            raise invalid("Reference name must start with 'refs/' and contain at least two slashes.")
        if BAD_NAME.search(name):
            raise invalid(f"{name} is not a valid ref name.")
        self._object(repo, sha)
        if name in repo.git.refs:
            raise invalid("Reference already exists")
        self.parts.pushes.update(repo, name, sha, self.principal(request).user)
        made = commits.ref(self.urls, repo, name, sha)
        return answer(made, 201, {"Location": str(made["url"])})

    async def update(self, request: web.Request) -> web.StreamResponse:
        repo, name, body = self.repo(request), self._full(request), await body_of(request)
        sha = needed(body, "sha")
        if name not in repo.git.refs:
            raise invalid("Reference does not exist")
        self._object(repo, sha)
        forward = repo.git.peel(repo.git.refs[name]) in repo.git.reachable(repo.git.peel(sha))
        if not forward and not body.get("force"):
            raise invalid("Update is not a fast forward")
        self.parts.pushes.update(repo, name, sha, self.principal(request).user)
        return answer(commits.ref(self.urls, repo, name, sha))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        repo, name = self.repo(request), self._full(request)
        if name not in repo.git.refs:
            raise invalid("Reference does not exist")
        self.parts.pushes.delete(repo, name, self.principal(request).user)
        return nothing()

    async def tag_object(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = repo.git.tag_objects.get(request.match_info["sha"])
        if found is None:
            raise not_found()
        return answer(commits.tag_object(self.urls, repo, found))

    def _full(self, request: web.Request) -> str:
        given = request.match_info["ref"]
        return given if given.startswith("refs/") else f"refs/{given}"

    def _object(self, repo: Repository, sha: str) -> None:
        if not re.fullmatch(r"[0-9a-f]{40}", sha):
            raise invalid("The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
        if sha not in repo.git.commits and sha not in repo.git.tag_objects:
            raise invalid("Object does not exist")
