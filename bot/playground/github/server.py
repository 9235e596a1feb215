"""A GitHub of our own: a real server on loopback that speaks GitHub's REST API and sends its webhooks."""

from __future__ import annotations

import uuid

from aiohttp import web

from bot.playground.clock import Clock
from bot.playground.control import Control, Handler, JournalEntry
from bot.playground.github.acts import Acts
from bot.playground.github.auth import Access, AppIdentity
from bot.playground.github.company.build import Company, acme
from bot.playground.github.company.past import add_past
from bot.playground.github.company.people import APP_LOGIN, TOKEN_LOGIN
from bot.playground.github.deploying import Deploying
from bot.playground.github.events import Events
from bot.playground.github.gates import Gates
from bot.playground.github.hooks import Hooks
from bot.playground.github.http import Refusal, Route, answer, not_found, with_etag
from bot.playground.github.model import Run
from bot.playground.github.names import Where
from bot.playground.github.oauth import OAuth, OAuthApp
from bot.playground.github.pages import Pages
from bot.playground.github.pushes import Pushes
from bot.playground.github.routes import AREAS, Parts
from bot.playground.github.routes.base import PRINCIPAL, REPO, REPO_BY_ID
from bot.playground.github.routes.jobs import STORAGE
from bot.playground.github.runner import Runner
from bot.playground.github.shapes.people import Urls
from bot.playground.github.site import HOURLY_LIMIT, Site
from bot.playground.github.world import World

PREFIX = "/api/v3"
SECONDARY_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
MEDIA_TYPE = "github.v3; format=json"


class GitHubStandIn:
    """Start it, point a client's base URL at `url`, and use `control` to make things go wrong."""

    def __init__(
        self,
        *,
        clock: Clock,
        token: str,
        webhook_secret: str,
        deliver_to: str | None,
        app: AppIdentity | None = None,
        oauth: OAuthApp | None = None,
        latency: float = 0.0,
        speed: float = 1.0,
        world: World | None = None,
        company: Company = acme,
    ) -> None:
        self.world = world or company(clock.now())
        users = self.world.users
        access = Access(clock, token, users[TOKEN_LOGIN], users[APP_LOGIN], app)
        hooks = Hooks(
            clock=clock,
            secret=webhook_secret,
            deliver_to=deliver_to,
            number=lambda: self.world.number("delivery"),
            target="integration" if app else "organization",
        )
        self.site = Site(clock, self.world, hooks, access, speed)
        events = Events(self.site)
        gates = Gates(self.site, events)
        deploying = Deploying(self.site, events, gates)
        self.runner = Runner(self.site, events, deploying)
        self.pushes = Pushes(self.site, events, self.runner)
        self._parts = Parts(self.site, events, deploying, gates, self.runner, self.pushes)
        self._oauth = OAuth(self.site, oauth)
        self._names: dict[tuple[str, str], Where] = {}
        self.control = Control(clock, self._name_of)
        self.control.fault_body = {"message": "Server Error"}
        self.control.rate_limit_body = Refusal(429, SECONDARY_LIMIT).body()
        self.acts = Acts(self._parts, self.control)
        self._latency = latency
        self._runner: web.AppRunner | None = None
        if world is None:
            add_past(self.site)

    @property
    def hooks(self) -> Hooks:
        return self.site.hooks

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return self.site.urls.api

    @property
    def web_url(self) -> str:
        """Where the pages for people are."""
        return self.site.urls.web

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        app = web.Application(client_max_size=25 * 1024 * 1024)
        self.control.install(app)

        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        app.middlewares.append(around)
        self._add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.site.urls = Urls(base + PREFIX, base)
        await self.hooks.start()

    async def stop(self) -> None:
        """Stop listening, end the runs and the deliveries."""
        await self.acts.stop()
        await self.runner.stop()
        await self.hooks.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def names(self) -> set[Where]:
        """The calls that faults can be put on."""
        return set(self._names.values())

    def dispatches(self) -> list[JournalEntry]:
        """The dispatches that really started a run, whether or not the caller heard of it."""
        return [entry for entry in self.control.calls(Where.DISPATCH) if entry.happened]

    def run(self, run_id: int) -> Run:
        """A run by its id, seen by lists or not."""
        found = self.world.run(run_id)
        if found is None:
            raise KeyError(run_id)
        return found[1]

    def runs(self, full_name: str) -> list[Run]:
        """The runs of a repository, oldest first."""
        repo = self.world.repository(full_name)
        return list(repo.runs.values()) if repo else []

    async def changed(self, timeout: float = 5.0) -> bool:
        """Wait until anything happens here; False when nothing did in time."""
        return await self.site.changed(timeout)

    def _add_routes(self, app: web.Application) -> None:
        for area in AREAS:
            for route in area(self._parts).routes():
                if route.path.startswith(STORAGE):
                    self._add(app, route, route.path)
                    continue
                self._add(app, route, PREFIX + route.path)
                if route.path.startswith(REPO):
                    self._add(app, route, PREFIX + REPO_BY_ID + route.path.removeprefix(REPO))
        for route in self._oauth.routes():
            self._add(app, route, route.path)
        Pages(self.site).install(app)

    def _add(self, app: web.Application, route: Route, path: str) -> None:
        added = app.router.add_route(route.method, path, route.handler)
        if added.resource is not None:
            self._names[route.method, added.resource.canonical] = route.where

    def _name_of(self, request: web.Request) -> str:
        resource = request.match_info.route.resource
        return self._names.get((request.method, resource.canonical), "") if resource else ""

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        api = request.path.startswith(PREFIX)
        if api and self._latency:
            await self.site.clock.sleep(self._latency)
        try:
            if api:
                self._let_in(request)
            response = await handler(request)
        except Refusal as refusal:
            response = answer(refusal.body(), refusal.status, refusal.headers)
        except web.HTTPNotFound:
            response = answer(not_found().body(), 404)
        if not api:
            return response
        response = with_etag(request, response)
        if response.status == 304:
            self.site.limits.give_back()
        self._add_headers(request, response)
        return response

    def _let_in(self, request: web.Request) -> None:
        principal = self.site.access.principal(request.headers.get("Authorization"))
        request[PRINCIPAL] = principal
        if not self.site.limits.spend(self.site.clock.now()):
            raise Refusal(403, f"API rate limit exceeded for user ID {principal.user.id}.")

    def _add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        limits, principal = self.site.limits, request.get(PRINCIPAL)
        response.headers.update(
            {
                "X-GitHub-Request-Id": str(uuid.uuid4()).upper(),
                "X-GitHub-Media-Type": MEDIA_TYPE,
                "X-GitHub-Api-Version-Selected": request.headers.get("X-GitHub-Api-Version", "2022-11-28"),
                "X-RateLimit-Limit": str(HOURLY_LIMIT),
                "X-RateLimit-Remaining": str(limits.remaining),
                "X-RateLimit-Used": str(HOURLY_LIMIT - limits.remaining),
                "X-RateLimit-Reset": str(int(limits.reset.timestamp())) if limits.reset else "0",
                "X-RateLimit-Resource": "core",
            }
        )
        if principal is not None and principal.scopes is not None:
            response.headers["X-OAuth-Scopes"] = principal.scopes
            response.headers["X-Accepted-OAuth-Scopes"] = "repo"
