"""What is known of channels, remembered for a few minutes: who reads there, and how they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ChannelClosed, NeedsHuman
from integrations.slack.calls import call, lacks_scope

FRESH = timedelta(minutes=5)
BOTH, PUBLIC = "public_channel,private_channel", "public_channel"


@dataclass(frozen=True, slots=True)
class _Known:
    """A channel; what we may not know stays as it is here."""

    id: str = ""
    name: str = ""
    shared: bool = False
    archived: bool = False


class SlackChannels:
    """The port Channels. The catalog names channels, commands come with ids."""

    def __init__(self, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._known: dict[str, _Known] = {}
        self._read_at: datetime | None = None

    async def outside(self, workspace: str, channel: str) -> bool:  # noqa: ARG002 - one workspace for one token
        """False where we lack the right to look; whatever else keeps us from looking is an error."""
        return (await self._read(channel)).shared

    async def inside(self, workspace: str, channel: str) -> bool:  # noqa: ARG002
        """What Slack does not show us may be a talk with somebody of another organisation."""
        try:
            found = await self._read(channel)
        except ChannelClosed:
            return False
        return bool(found.id) and not found.shared

    async def name_of(self, workspace: str, channel: str) -> str:  # noqa: ARG002
        """As the catalog would name it; empty where we lack the right to look."""
        return (await self._read(channel)).name

    async def id_of(self, workspace: str, channel: str) -> str:  # noqa: ARG002
        """The id behind a name; the same word again where it is one, or where nobody knows."""
        return (await self._read(channel)).id or channel if channel.startswith("#") else channel

    async def closed(self, workspace: str, channel: str) -> bool:  # noqa: ARG002
        """Read anew; what we lack the right to look at is believed."""
        try:
            found = await self._looked_up(channel)
        except ChannelClosed:
            return True
        return found[channel].archived or not found[channel].id

    async def _read(self, channel: str) -> _Known:
        if self._read_at is None or self._now() - self._read_at >= FRESH:
            self._known, self._read_at = {}, self._now()
        if channel not in self._known:
            by_name = channel.startswith("#")
            self._known |= await (self._listed(channel) if by_name else self._looked_up(channel))
        return self._known[channel]

    async def _looked_up(self, id: str) -> Mapping[str, _Known]:
        looking = self._client.conversations_info(channel=id)
        try:
            return {id: _known(id, (await call(looking, repeatable=True, where=id))["channel"])}
        except NeedsHuman as error:
            if lacks_scope(error):
                return {id: _Known()}
            raise

    async def _listed(self, name: str) -> Mapping[str, _Known]:
        """All of them at once. One that is not among them can't be posted in either."""
        for types in (BOTH, PUBLIC):
            try:
                return {name: _Known()} | await self._all(types)
            except NeedsHuman as error:
                if not lacks_scope(error):
                    raise
        return {name: _Known()}

    async def _all(self, types: str) -> dict[str, _Known]:
        found: dict[str, _Known] = {}
        cursor = ""
        while True:
            listing = self._client.conversations_list(limit=1000, types=types, cursor=cursor)
            answer = await call(listing, repeatable=True)
            for each in answer.get("channels", []):
                found[f"#{each['name']}"] = _known(str(each.get("id", "")), each)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found


def is_shared(channel: Mapping[str, Any]) -> bool:
    """With another organisation; `is_shared` is also true between workspaces of the same one."""
    inside = bool(channel.get("is_shared")) and bool(channel.get("is_org_shared"))
    return bool(channel.get("is_ext_shared")) or (bool(channel.get("is_shared")) and not inside)


def _known(id: str, channel: Mapping[str, Any]) -> _Known:
    name = str(channel.get("name") or "")
    return _Known(id, f"#{name}" if name else "", is_shared(channel), bool(channel.get("is_archived")))
