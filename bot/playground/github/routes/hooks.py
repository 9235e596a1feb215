"""Webhooks of an organisation or of a repository, and what was delivered to them."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.playground.github.auth import Kind
from bot.playground.github.hooks import HOOK_ID, Delivery
from bot.playground.github.http import (
    DEFAULT_PAGE,
    MAX_PAGE,
    Json,
    Refusal,
    Route,
    answer,
    listed,
    not_found,
)
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area, number
from bot.playground.github.shapes import apps

ORG = "/orgs/{org}"
CURSOR = "v1_"


class HookArea(Area):
    """Whoever may look at them may have a delivery sent again."""

    def routes(self) -> list[Route]:
        found = []
        for owner in (ORG, REPO):
            one = owner + "/hooks/{hook}/deliveries"
            found += [
                Route("GET", owner + "/hooks", Where.HOOKS_LIST, self.hooks),
                Route("GET", one, Where.DELIVERIES_LIST, self.deliveries),
                Route("GET", one + "/{delivery}", Where.DELIVERY, self.delivery),
                Route("POST", one + "/{delivery}/attempts", Where.DELIVERY_AGAIN, self.again),
            ]
        return found

    async def hooks(self, request: web.Request) -> web.StreamResponse:
        there = self._is_there(request)
        base = self._base(request)
        return listed(request, [HOOK_ID] if there else [], lambda _: apps.hook(base, self.site.hooks))

    async def deliveries(self, request: web.Request) -> web.StreamResponse:
        return deliveries_page(request, self._deliveries(request), None)

    async def delivery(self, request: web.Request) -> web.StreamResponse:
        found = find_delivery(request, self._deliveries(request))
        return answer(apps.delivery(found, None, self.site.hooks.deliver_to or ""))

    async def again(self, request: web.Request) -> web.StreamResponse:
        self.site.hooks.redeliver(find_delivery(request, self._deliveries(request)))
        return answer({}, 202)

    def _deliveries(self, request: web.Request) -> list[Delivery]:
        if not self._is_there(request) or number(request, "hook") != HOOK_ID:
            raise not_found()
        return self.site.hooks.deliveries

    def _is_there(self, request: web.Request) -> bool:
        """Whether the one webhook hangs here; whoever may not look is told that nothing is there."""
        of_repository = "org" not in request.match_info
        self._let_in(request, "repo" if of_repository else "admin:org_hook")
        hooks = self.site.hooks
        if of_repository:
            return self.repo(request).id == hooks.repository_id
        if request.match_info["org"].lower() != self.world.organization.login:
            raise not_found()
        return hooks.repository_id is None and not hooks.of_app

    def _let_in(self, request: web.Request, scope: str) -> None:
        principal = self.principal(request)
        if principal.kind is not Kind.TOKEN:
            raise Refusal(403, "Resource not accessible by integration")
        if principal.scopes is not None and scope not in principal.scopes.split(", "):
            raise not_found()

    def _base(self, request: web.Request) -> str:
        if "org" in request.match_info:
            return f"{self.urls.api}/orgs/{self.world.organization.login}/hooks/{HOOK_ID}"
        return f"{self.urls.repo(self.repo(request).full_name)}/hooks/{HOOK_ID}"


def deliveries_page(
    request: web.Request, deliveries: Sequence[Delivery], installation: int | None
) -> web.Response:
    """The newest first. A cursor leads to the next page, so what comes meanwhile shifts nothing."""
    wanted = request.query.get("cursor", "")
    if wanted and not wanted.removeprefix(CURSOR).isdecimal():
        raise Refusal(400, "Invalid cursor")
    rows = [one for one in reversed(deliveries) if not wanted or one.id <= int(wanted.removeprefix(CURSOR))]
    asked = request.query.get("per_page", "")
    size = min(int(asked), MAX_PAGE) if asked.isdecimal() and int(asked) else DEFAULT_PAGE
    shown: list[Json] = [apps.delivery_item(one, installation) for one in rows[:size]]
    if len(rows) <= size:
        return answer(shown)
    following = request.url.update_query(cursor=f"{CURSOR}{rows[size].id}")
    return answer(shown, headers={"Link": f'<{following}>; rel="next"'})


def find_delivery(request: web.Request, deliveries: Sequence[Delivery]) -> Delivery:
    """The one in the path."""
    wanted = number(request, "delivery")
    found = next((one for one in deliveries if one.id == wanted), None)
    if found is None:
        raise not_found()
    return found
