"""Who people are: profile and user groups, remembered for a few minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.values import Person
from integrations.slack.calls import call
from integrations.slack.workspace import Home

FRESH = timedelta(minutes=5)


class SlackDirectory:
    """The port Directory. Who is a stranger is judged by the workspace of our token, never by a delivery."""

    def __init__(self, client: AsyncWebClient, home: Home, now: Callable[[], datetime]) -> None:
        self._client = client
        self._home = home
        self._now = now
        self._people: dict[tuple[str, str], Person] = {}
        self._groups: dict[str, frozenset[str]] = {}
        self._groups_read: datetime | None = None

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:
        """What is known of them, at most five minutes old; `fresh` asks Slack in any case."""
        known = await self.known(workspace, id)
        if known is not None and not fresh:
            return known
        if fresh:
            self._groups_read = None
        home = (await self._home()).id
        user = (await call(self._client.users_info(user=id), repeatable=True))["user"]
        groups = await self._groups_of(id)
        person = _person(home, id, user, groups, self._now())
        self._people[workspace, id] = person
        return person

    async def known(self, workspace: str, id: str) -> Person | None:
        """From memory, if that is fresh enough."""
        known = self._people.get((workspace, id))
        return known if known is not None and self._now() - known.observed_at < FRESH else None

    async def _groups_of(self, id: str) -> frozenset[str]:
        if self._groups_read is None or self._now() - self._groups_read >= FRESH:
            answer = await call(self._client.usergroups_list(include_users=True), repeatable=True)
            self._groups = {
                name: frozenset(group.get("users", []))
                for group in answer.get("usergroups", [])
                for name in (group["handle"], group["id"])
            }
            self._groups_read = self._now()
        return frozenset(name for name, members in self._groups.items() if id in members)


def _person(home: str, id: str, user: Mapping[str, Any], groups: frozenset[str], now: datetime) -> Person:
    profile = user.get("profile") or {}
    return Person(
        id=id,
        name=profile.get("display_name") or user.get("real_name") or user.get("name") or id,
        observed_at=now,
        groups=groups,
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")) or user.get("team_id") not in (None, home),
        active=not user.get("deleted", False),
        zone=user.get("tz") or "UTC",
    )
