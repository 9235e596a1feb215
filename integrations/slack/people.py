"""Who people are: profile and user groups, remembered for a few minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.values import Person
from integrations.slack.calls import call
from integrations.slack.groups import Membership, UserGroups
from integrations.slack.quiet import Quiet
from integrations.slack.workspace import Home

FRESH = timedelta(minutes=5)
ANEW = timedelta(seconds=5)  # how old the groups may be where a decision hangs on them


class SlackDirectory:
    """The port Directory. Who is a stranger is judged by the workspace of our token, never by a delivery."""

    def __init__(self, client: AsyncWebClient, home: Home, now: Callable[[], datetime]) -> None:
        self._client = client
        self._home = home
        self._now = now
        self._quiet = Quiet()
        self._groups = UserGroups(client, self._quiet, now)
        self._people: dict[tuple[str, str], Person] = {}

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:
        """What is known of them, at most five minutes old; `fresh` asks Slack, save for groups just read."""
        known = await self.known(workspace, id)
        if known is not None and not fresh:
            return known
        home = (await self._home()).id
        groups = await self._groups.read(ANEW if fresh else FRESH)
        with self._quiet.keeping("users.info"):
            user = (await call(self._client.users_info(user=id), repeatable=True))["user"]
        person = _person(home, id, user, groups)
        self._people[workspace, id] = person
        return person

    async def known(self, workspace: str, id: str) -> Person | None:
        """From memory, if that is fresh enough."""
        known = self._people.get((workspace, id))
        return known if known is not None and self._now() - known.observed_at < FRESH else None

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]:  # noqa: ARG002
        """By its handle or id; all groups come with one call."""
        return (await self._groups.read(ANEW if fresh else FRESH)).inside(group)


def _person(home: str, id: str, user: Mapping[str, Any], groups: Membership) -> Person:
    profile = user.get("profile") or {}
    return Person(
        id=id,
        name=profile.get("display_name") or user.get("real_name") or user.get("name") or id,
        observed_at=groups.began,  # the profile was read after the groups
        groups=groups.of(id),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")) or user.get("team_id") not in (None, home),
        active=not user.get("deleted", False),
        zone=user.get("tz") or "UTC",
    )
