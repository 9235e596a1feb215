"""Users, the organisation, teams, and the limits of the caller."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.http import Json, Route, answer, listed, not_found
from bot.playground.github.model import Team
from bot.playground.github.names import Where
from bot.playground.github.routes.base import Area
from bot.playground.github.shapes import people
from bot.playground.github.site import HOURLY_LIMIT


class PeopleArea(Area):
    """Who is who."""

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/meta", Where.META, self.meta),
            Route("GET", "/rate_limit", Where.RATE_LIMIT, self.rate_limit),
            Route("GET", "/user", Where.USER, self.me),
            Route("GET", "/user/{id}", Where.USER, self.by_id),
            Route("GET", "/users/{login}", Where.USER, self.user),
            Route("GET", "/orgs/{org}", Where.ORGANIZATION, self.organization),
            Route("GET", "/orgs/{org}/members", Where.ORGANIZATION_MEMBERS, self.members),
            Route("GET", "/orgs/{org}/teams", Where.TEAMS_LIST, self.teams),
            Route("GET", "/orgs/{org}/teams/{slug}", Where.TEAM, self.team),
            Route("GET", "/orgs/{org}/teams/{slug}/members", Where.TEAM_MEMBERS, self.team_members),
            Route(
                "GET", "/orgs/{org}/teams/{slug}/memberships/{login}", Where.TEAM_MEMBERSHIP, self.membership
            ),
            Route("GET", "/organizations/{org_id}/team/{team_id}", Where.TEAM, self.team_by_id),
            Route(
                "GET",
                "/organizations/{org_id}/team/{team_id}/members",
                Where.TEAM_MEMBERS,
                self.members_by_id,
            ),
            Route("GET", "/teams/{team_id}/members", Where.TEAM_MEMBERS, self.members_by_id),
        ]

    async def meta(self, _request: web.Request) -> web.StreamResponse:
        return answer({"verifiable_password_authentication": False, "installed_version": "3.20.0"})

    async def rate_limit(self, _request: web.Request) -> web.StreamResponse:
        limits = self.site.limits
        reset = int(limits.reset.timestamp()) if limits.reset else 0
        core = {
            "limit": HOURLY_LIMIT,
            "remaining": limits.remaining,
            "used": HOURLY_LIMIT - limits.remaining,
            "reset": reset,
        }
        search = {"limit": 30, "remaining": 30, "used": 0, "reset": reset}
        return answer({"resources": {"core": core, "search": search}, "rate": core})

    async def me(self, request: web.Request) -> web.StreamResponse:
        return answer(people.profile(self.urls, self.principal(request).user))

    async def by_id(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["id"]
        found = next((who for who in self.world.users.values() if str(who.id) == wanted), None)
        if found is None:
            raise not_found()
        return answer(people.profile(self.urls, found))

    async def user(self, request: web.Request) -> web.StreamResponse:
        found = self.world.user(request.match_info["login"])
        if found is None:
            raise not_found()
        return answer(people.profile(self.urls, found))

    async def organization(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        count = len(self.world.repositories)
        return answer(people.organization_full(self.urls, self.world.organization, count))

    async def members(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        persons = [who for who in self.world.users.values() if who.kind == "User"]
        return listed(request, persons, lambda who: people.user(self.urls, who))

    async def teams(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        return listed(request, list(self.world.teams.values()), self._team)

    async def team(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        return self._full(self._by_slug(request))

    async def team_by_id(self, request: web.Request) -> web.StreamResponse:
        return self._full(self._by_id(request))

    async def team_members(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        return self._members(request, self._by_slug(request))

    async def members_by_id(self, request: web.Request) -> web.StreamResponse:
        return self._members(request, self._by_id(request))

    async def membership(self, request: web.Request) -> web.StreamResponse:
        self._own(request)
        team, login = self._by_slug(request), request.match_info["login"]
        active = login in self.world.in_team(team)
        if not active and login not in team.pending:
            raise not_found()
        url = f"{self.urls.api}/organizations/{self.world.organization.id}/team/{team.id}/memberships/{login}"
        return answer({"url": url, "role": "member", "state": "active" if active else "pending"})

    def _own(self, request: web.Request) -> None:
        if request.match_info["org"].lower() != self.world.organization.login:
            raise not_found()

    def _by_slug(self, request: web.Request) -> Team:
        """Whose token lacks the scope is not told that there is one."""
        scopes = self.principal(request).scopes
        if scopes is not None and "read:org" not in scopes:
            raise not_found()
        found = self.world.teams.get(request.match_info["slug"])
        if found is None:
            raise not_found()
        return found

    def _by_id(self, request: web.Request) -> Team:
        wanted = request.match_info["team_id"]
        found = next((t for t in self.world.teams.values() if str(t.id) == wanted), None)
        if found is None:
            raise not_found()
        return found

    def _team(self, team: Team) -> Json:
        return people.team(self.urls, self.world.organization, team)

    def _full(self, team: Team) -> web.Response:
        count = len(self.world.repositories)
        return answer(people.team_full(self.urls, self.world.organization, team, count))

    def _members(self, request: web.Request, team: Team) -> web.Response:
        persons = [self.world.users[login] for login in self.world.in_team(team)]
        return listed(request, persons, lambda who: people.user(self.urls, who))
