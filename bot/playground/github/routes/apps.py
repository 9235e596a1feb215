"""A GitHub App: what it is, where it is installed, its tokens, and the deliveries of its webhook."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.auth import AppIdentity
from bot.playground.github.hooks import Delivery
from bot.playground.github.http import Refusal, Route, answer, listed, not_found, stamp
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area, number
from bot.playground.github.routes.hooks import deliveries_page, find_delivery
from bot.playground.github.shapes import apps


class AppArea(Area):
    """Calls that are signed with the App's key."""

    def routes(self) -> list[Route]:
        one, deliveries = "/app/installations/{installation}", "/app/hook/deliveries"
        return [
            Route("GET", "/app", Where.APP, self.app),
            Route("GET", "/app/installations", Where.INSTALLATIONS_LIST, self.installations),
            Route("GET", one, Where.INSTALLATION, self.installation),
            Route("POST", one + "/access_tokens", Where.INSTALLATION_TOKEN, self.token),
            Route("GET", REPO + "/installation", Where.INSTALLATION, self.of_repository),
            Route("GET", "/orgs/{org}/installation", Where.INSTALLATION, self.of_organization),
            Route("GET", deliveries, Where.DELIVERIES_LIST, self.deliveries),
            Route("GET", deliveries + "/{delivery}", Where.DELIVERY, self.delivery),
            Route("POST", deliveries + "/{delivery}/attempts", Where.DELIVERY_AGAIN, self.again),
        ]

    async def app(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        return answer(apps.app(self.urls, self.world.organization, app, self.site.hooks.events))

    async def installations(self, request: web.Request) -> web.StreamResponse:
        return listed(request, [self._app(request)], self._installation)

    async def installation(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        if number(request, "installation") != app.installation_id:
            raise not_found()
        return answer(self._installation(app))

    async def of_repository(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        self.repo(request)
        return answer(self._installation(app))

    async def of_organization(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        if request.match_info["org"].lower() != self.world.organization.login:
            raise not_found()
        return answer(self._installation(app))

    async def token(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        if number(request, "installation") != app.installation_id:
            raise not_found()
        token, expires = self.site.access.issue()
        shown = {"token": token, "expires_at": stamp(expires), "permissions": apps.PERMISSIONS}
        return answer({**shown, "repository_selection": "all"}, 201)

    async def deliveries(self, request: web.Request) -> web.StreamResponse:
        app = self._app(request)
        return deliveries_page(request, self.site.hooks.deliveries, app.installation_id)

    async def delivery(self, request: web.Request) -> web.StreamResponse:
        app, found = self._app(request), self._find(request)
        return answer(apps.delivery(found, app.installation_id, self.site.hooks.deliver_to or ""))

    async def again(self, request: web.Request) -> web.StreamResponse:
        self._app(request)
        self.site.hooks.redeliver(self._find(request))
        return answer({}, 202)

    def _app(self, request: web.Request) -> AppIdentity:
        self.app_only(request)
        app = self.site.access.app
        if app is None:
            raise Refusal(401, "A JSON web token could not be decoded")
        return app

    def _installation(self, app: AppIdentity) -> dict[str, object]:
        return apps.installation(self.urls, self.world.organization, app, self.site.hooks.events)

    def _find(self, request: web.Request) -> Delivery:
        return find_delivery(request, self.site.hooks.deliveries)
