"""The workspace's user groups: one reading at a time, shared by everybody who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.calls import call
from integrations.slack.quiet import Quiet

METHOD = "usergroups.list"  # Slack allows some twenty calls a minute, whoever they are for


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in which group, by handle and id. What changed after `began` may be missing."""

    began: datetime
    members: Mapping[str, frozenset[str]]

    def of(self, person: str) -> frozenset[str]:
        """Every name of every group they are in."""
        return frozenset(name for name, members in self.members.items() if person in members)

    def inside(self, group: str) -> frozenset[str]:
        """Everybody in the group of this name."""
        found = (members for name, members in self.members.items() if name.lower() == group.lower())
        return next(found, frozenset())


class UserGroups:
    """All groups come with one call, so nobody asks for those of one person."""

    def __init__(self, client: AsyncWebClient, quiet: Quiet, now: Callable[[], datetime]) -> None:
        self._client = client
        self._quiet = quiet
        self._now = now
        self._latest: Membership | None = None
        self._asked: datetime | None = None
        self._under_way: asyncio.Task[Membership] | None = None

    async def read(self, within: timedelta) -> Membership:
        """A reading that began less than so long ago. Where it fails, it fails for everybody who waits."""
        now = self._now()
        if self._latest is not None and now - self._latest.began < within:
            return self._latest
        reading = self._under_way
        if reading is None or self._asked is None or now - self._asked >= within:
            reading = self._begin(now)
        return await asyncio.shield(reading)  # whoever gives up does not end it for the others

    def _begin(self, now: datetime) -> asyncio.Task[Membership]:
        reading = asyncio.create_task(self._read(now))
        reading.add_done_callback(self._end)
        self._asked, self._under_way = now, reading
        return reading

    def _end(self, reading: asyncio.Task[Membership]) -> None:
        if self._under_way is reading:
            self._under_way = None
        if reading.cancelled() or reading.exception() is not None:
            return
        found = reading.result()
        if self._latest is None or self._latest.began <= found.began:
            self._latest = found

    async def _read(self, began: datetime) -> Membership:
        with self._quiet.keeping(METHOD):
            answer = await call(self._client.usergroups_list(include_users=True), repeatable=True)
        members = {
            name: frozenset(group.get("users", []))
            for group in answer.get("usergroups", [])
            for name in (group["handle"], group["id"])
        }
        return Membership(began, members)
