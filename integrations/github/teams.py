"""Who is in a team of an organisation: whole, or not at all."""

from __future__ import annotations

from itertools import islice

from github.NamedUser import NamedUser
from github.PaginatedList import PaginatedList
from github.Requester import Requester

from bot.core.errors import NeedsHuman
from integrations.github.clients import Clients
from integrations.github.errors import Call

NEEDS = "members: read (a classic token: the scope read:org)"
MOST = 1_000


class GitHubTeams:
    """Implements `Teams`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def members(self, team: str) -> frozenset[str]:
        """By number. GitHub counts those of child teams, and nobody who was only invited."""
        organisation, _, slug = team.partition("/")
        call = Call(organisation, f"read who is in the team {team}", NEEDS)
        return await self._clients.ask(call, lambda requester: _members(requester, organisation, slug))


def _members(requester: Requester, organisation: str, slug: str) -> frozenset[str]:
    listed = PaginatedList(NamedUser, requester, f"/orgs/{organisation}/teams/{slug.lower()}/members", None)
    found = [each.id for each in islice(listed, MOST + 1)]
    if not all(isinstance(id, int) for id in found):
        raise ValueError("an account without a number")
    if len(found) > MOST:
        raise NeedsHuman(
            f"The team {organisation}/{slug} has more than {MOST:,} members; so many are not read.",
            "So nobody counts as a member of it.",
            "Name a smaller team in slipway.yml.",
        )
    return frozenset(str(id) for id in found)
