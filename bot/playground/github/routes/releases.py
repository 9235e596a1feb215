"""Releases: what was published, and the drafts that whoever may push sees as well."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.http import Route, answer, listed, not_found
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area, number
from bot.playground.github.shapes import releases


class ReleaseArea(Area):
    """Of one repository."""

    def routes(self) -> list[Route]:
        return [
            Route("GET", REPO + "/releases", Where.RELEASES_LIST, self.releases),
            Route("GET", REPO + "/releases/{release}", Where.RELEASE, self.release),
        ]

    async def releases(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        rows = sorted(repo.releases.values(), key=lambda each: (each.created_at, each.id), reverse=True)
        return listed(request, rows, lambda each: releases.release(self.urls, repo, each))

    async def release(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = repo.releases.get(number(request, "release"))
        if found is None:
            raise not_found()
        return answer(releases.release(self.urls, repo, found))
