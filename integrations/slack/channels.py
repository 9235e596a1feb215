"""Which channels people of other organisations read, remembered for a few minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NeedsHuman
from integrations.slack.calls import call, lacks_scope

FRESH = timedelta(minutes=5)
BOTH, PUBLIC = "public_channel,private_channel", "public_channel"


class SlackChannels:
    """The port Channels. The catalog names channels, commands come with ids."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._shared: dict[str, bool] = {}
        self._names: dict[str, str] = {}  # by id
        self._read_at: datetime | None = None

    async def outside(self, workspace: str, channel: str) -> bool:  # noqa: ARG002 - one workspace for one token
        """False where we lack the right to look; whatever else keeps us from looking is an error."""
        self._forget_what_is_old()
        if channel not in self._shared:
            by_name = channel.startswith("#")
            self._shared |= await (self._listed(channel) if by_name else self._looked_up(channel))
        return self._shared[channel]

    async def named(self, workspace: str, channel: str) -> str | None:
        """None where we lack the right to look, and of what has no name."""
        if channel.startswith("#"):
            return channel
        await self.outside(workspace, channel)
        return self._names.get(channel)

    def _forget_what_is_old(self) -> None:
        if self._read_at is None or self._now() - self._read_at >= FRESH:
            self._shared, self._names, self._read_at = {}, {}, self._now()

    async def _looked_up(self, id: str) -> Mapping[str, bool]:
        looking = self._client.conversations_info(channel=id)
        try:
            found = (await call(looking, repeatable=True, where=id))["channel"]
            if found.get("name"):
                self._names[id] = f"#{found['name']}"
            return {id: is_shared(found)}
        except NeedsHuman as error:
            if lacks_scope(error):
                return {id: False}
            raise

    async def _listed(self, name: str) -> Mapping[str, bool]:
        """All of them at once. One that is not among them can't be posted in either."""
        for types in (BOTH, PUBLIC):
            try:
                return {name: False} | await self._all(types)
            except NeedsHuman as error:
                if not lacks_scope(error):
                    raise
        return {name: False}

    async def _all(self, types: str) -> dict[str, bool]:
        found: dict[str, bool] = {}
        cursor = ""
        while True:
            listing = self._client.conversations_list(limit=1000, types=types, cursor=cursor)
            answer = await call(listing, repeatable=True)
            found |= {f"#{each['name']}": is_shared(each) for each in answer.get("channels", [])}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found


def is_shared(channel: Mapping[str, Any]) -> bool:
    """With another organisation; `is_shared` is also true between workspaces of the same one."""
    inside = bool(channel.get("is_shared")) and bool(channel.get("is_org_shared"))
    return bool(channel.get("is_ext_shared")) or (bool(channel.get("is_shared")) and not inside)
