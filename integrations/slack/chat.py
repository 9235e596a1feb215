"""Posting, editing and finding messages, opening forms, and home tabs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.core.effects import Posted
from bot.core.errors import Ambiguous, HistoryClosed, NeedsHuman, Transient
from integrations.slack.calls import SYSTEM, TIMEOUT, call, closed, pause_of
from integrations.slack.quiet import Quiet

EVENT_TYPE = "slipway_operation"
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
PAGE, MOST_PAGES = 200, 10  # how many messages a look for one of them goes through
CLOSED = frozenset({"not_found"})
LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})


class SlackChat:
    """The ports Chat, FormOpener and HomeTabs. One client, one session, closed by whoever made them."""

    def __init__(self, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session
        self._ids: dict[str, str] = {}
        self._quiet = Quiet()
        self._posted_to: dict[str, str] = {}  # the id behind each name: both are one channel to the limits

    async def post(
        self,
        workspace: str,  # noqa: ARG002 - one workspace for one token
        channel: str,
        message: Mapping[str, object],
        operation: str,
        thread: str | None = None,
    ) -> Posted:
        """A new message that carries its operation."""
        fields: dict[str, Any] = dict(message) | {
            "channel": channel,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"operation": operation}},
        }
        if thread is not None:
            fields |= {"thread_ts": thread, "reply_broadcast": message.get("reply_broadcast", True)}
        with self._quiet.keeping("chat.postMessage", self._posted_to.get(channel, channel)):
            answer = await call(
                self._client.api_call("chat.postMessage", json=fields), repeatable=False, where=channel
            )
        self._posted_to[channel] = str(answer["channel"])
        return Posted(str(answer["channel"]), str(answer["ts"]))

    async def edit(self, workspace: str, posted: Posted, message: Mapping[str, object]) -> bool:  # noqa: ARG002
        """False when the message is gone. Editing twice is the same as once."""
        fields = dict(message) | {"channel": posted.channel, "ts": posted.ts}
        with self._quiet.keeping("chat.update"):
            return await self._unless(
                GONE, self._client.api_call("chat.update", json=fields), repeatable=True, where=posted.channel
            )

    async def whisper(
        self,
        workspace: str,  # noqa: ARG002
        channel: str,
        person: str,
        message: Mapping[str, object],
        response_url: str,
    ) -> None:
        """Through the command's own address while it lives, else as an ephemeral message."""
        if response_url and await self._respond(response_url, message):
            return
        fields = dict(message) | {"channel": channel, "user": person}
        with self._quiet.keeping("chat.postEphemeral"):
            await call(
                self._client.api_call("chat.postEphemeral", json=fields), repeatable=False, where=channel
            )

    async def find(
        self,
        workspace: str,  # noqa: ARG002
        channel: str,
        operation: str,
        since: datetime,
        thread: str | None = None,
    ) -> Posted | None:
        """Look through what was posted since; HistoryClosed without the right to."""
        id = await self._id_of(channel)
        fields: dict[str, Any] = {
            "channel": id,
            "oldest": f"{since.timestamp():.6f}",
            "limit": PAGE,
            "include_all_metadata": True,
        }
        if thread is not None:
            fields["ts"] = thread
        async for each in self._messages(fields, channel):
            payload = each.get("metadata", {}).get("event_payload", {})
            if payload.get("operation") == operation:
                return Posted(id, str(each["ts"]))
        return None

    async def _messages(self, fields: dict[str, Any], channel: str) -> AsyncIterator[Mapping[str, Any]]:
        """Of a channel, or of one thread; HistoryClosed when there are more than anybody wants to read."""
        method = "conversations.replies" if "ts" in fields else "conversations.history"
        for _ in range(MOST_PAGES):
            try:
                with self._quiet.keeping(method):
                    answer = await call(
                        self._client.api_call(method, params=fields), repeatable=True, where=channel
                    )
            except NeedsHuman as error:
                raise closed(error) from error
            for each in answer.get("messages", []):
                yield each
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not answer.get("has_more"):
                return
            if not cursor:
                break
            fields = fields | {"cursor": cursor}
        raise HistoryClosed("too much was posted since to be sure")

    async def _id_of(self, channel: str) -> str:
        """The catalog names channels; history is read by their ids."""
        if not channel.startswith("#"):
            return channel
        if channel not in self._ids:
            await self._read_channels()
        if channel not in self._ids:
            raise HistoryClosed(f"{channel} is not among the channels we can see")
        return self._ids[channel]

    async def _read_channels(self) -> None:
        cursor = ""
        while True:
            fields = {"limit": 1000, "cursor": cursor, "types": "public_channel,private_channel"}
            try:
                answer = await call(
                    self._client.api_call("conversations.list", params=fields), repeatable=True
                )
            except NeedsHuman as error:
                raise closed(error) from error
            self._ids |= {f"#{each['name']}": str(each["id"]) for each in answer.get("channels", [])}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def open_form(self, workspace: str, trigger: str, view: Mapping[str, object]) -> str:  # noqa: ARG002
        """The view's id; empty when the trigger has expired, or there is none, as with a plain message."""
        if not trigger:
            return ""
        opening = self._client.api_call("views.open", json={"trigger_id": trigger, "view": dict(view)})
        try:
            return str((await call(opening, repeatable=True))["view"]["id"])
        except NeedsHuman as error:
            if any(code in error.why for code in LATE):
                return ""
            raise

    async def update_form(self, workspace: str, form: str, view: Mapping[str, object]) -> None:  # noqa: ARG002
        """One that the person closed meanwhile is no longer found, and that is fine."""
        updating = self._client.api_call("views.update", json={"view_id": form, "view": dict(view)})
        await self._unless(CLOSED, updating, repeatable=True)

    async def publish(self, workspace: str, person: str, view: Mapping[str, object]) -> None:  # noqa: ARG002
        """Twice is the same as once."""
        fields = {"user_id": person, "view": dict(view)}
        await call(self._client.api_call("views.publish", json=fields), repeatable=True)

    async def _unless(self, codes: frozenset[str], answer: Any, *, repeatable: bool, where: str = "") -> bool:
        """False for these error codes of Slack's, which are no failure here."""
        try:
            await call(answer, repeatable=repeatable, where=where)
        except NeedsHuman as error:
            if any(code in error.why for code in codes):
                return False
            raise
        return True

    async def _respond(self, url: str, message: Mapping[str, object]) -> bool:
        """False when the address is used up or too old."""
        hook = AsyncWebhookClient(url, session=self._session, timeout=TIMEOUT, retry_handlers=[])
        try:
            answer = await hook.send_dict(dict(message) | {"response_type": "ephemeral"})
        except aiohttp.ClientConnectorError as error:
            raise Transient("it can't be reached.", system=SYSTEM) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous("the connection broke off.", system=SYSTEM) from error
        if answer.status_code == 429:
            raise Transient("it asks for a pause.", system=SYSTEM, retry_after=pause_of(answer.headers))
        if answer.status_code >= 500:
            raise Transient(f"it has trouble of its own ({answer.status_code}).", system=SYSTEM)
        return answer.status_code == 200
