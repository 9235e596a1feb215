"""What the handlers of every area share."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.playground.github.auth import Kind, Principal
from bot.playground.github.deploying import Deploying
from bot.playground.github.events import Events
from bot.playground.github.gates import Gates
from bot.playground.github.git import Commit
from bot.playground.github.http import Json, Refusal, Route, invalid, not_found
from bot.playground.github.pushes import Pushes
from bot.playground.github.runner import Runner
from bot.playground.github.shapes.people import Urls
from bot.playground.github.site import Site
from bot.playground.github.world import Repository, World

PRINCIPAL = web.RequestKey("principal", Principal)
REPO = "/repos/{owner}/{repo}"
REPO_BY_ID = "/repositories/{repository_id}"


@dataclass
class Parts:
    """The moving parts of one GitHub."""

    site: Site
    events: Events
    deploying: Deploying
    gates: Gates
    runner: Runner
    pushes: Pushes


class Area:
    """A group of calls of the API."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.site = parts.site

    @property
    def urls(self) -> Urls:
        return self.site.urls

    @property
    def world(self) -> World:
        return self.site.world

    def routes(self) -> list[Route]:
        """The calls of this area."""
        raise NotImplementedError

    def principal(self, request: web.Request) -> Principal:
        return request[PRINCIPAL]

    def app_only(self, request: web.Request) -> None:
        if self.principal(request).kind is not Kind.APP:
            raise Refusal(401, "A JSON web token could not be decoded")

    def repo(self, request: web.Request) -> Repository:
        """The repository in the path; a renamed one is a redirect, as on GitHub."""
        if "repository_id" in request.match_info:
            found = self.world.repositories.get(number(request, "repository_id"))
        else:
            name = f"{request.match_info['owner']}/{request.match_info['repo']}"
            found = self.world.repository(name)
            if found is None and name.lower() in self.world.renamed:
                raise self._moved(request, name, self.world.renamed[name.lower()])
        if found is None:
            raise not_found()
        return found

    def commit(self, repo: Repository, name: str) -> Commit:
        """The commit a name stands for, or GitHub's 422."""
        found = repo.git.resolve(name)
        if found is None:
            raise invalid(f"No commit found for SHA: {name}")
        return found

    def _moved(self, request: web.Request, name: str, repository_id: int) -> Refusal:
        rest = request.raw_path.partition(f"/repos/{name}")[2]
        location = f"{self.urls.api}/repositories/{repository_id}{rest}"
        if request.method in ("GET", "HEAD"):
            return Refusal(301, "Moved Permanently", headers={"Location": location})
        return Refusal(307, "Temporary Redirect", headers={"Location": location})


def number(request: web.Request, name: str) -> int:
    """A number in the path; anything else is not found."""
    try:
        return int(request.match_info[name])
    except ValueError as error:
        raise not_found() from error


def text(body: Json, key: str, otherwise: str = "") -> str:
    return str(body.get(key) or otherwise)
