"""What is shown below links in what people write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.effects import Posted
from bot.core.errors import NeedsHuman
from integrations.slack.calls import call
from integrations.slack.quiet import Quiet

GONE = frozenset({"cannot_unfurl_message", "cannot_unfurl_url", "cannot_find_channel", "cannot_find_message"})


class SlackUnfurls:
    """The port Unfurls."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._quiet = Quiet()

    async def unfurl(
        self,
        workspace: str,  # noqa: ARG002 - one workspace for one token
        message: Posted,
        url: str,
        blocks: Sequence[Mapping[str, object]],
    ) -> None:
        """A message that was deleted or edited meanwhile needs nothing any more."""
        cards: dict[str, Any] = {url: {"blocks": list(blocks)}}
        fields = {"channel": message.channel, "ts": message.ts, "unfurls": cards}
        with self._quiet.keeping("chat.unfurl"):
            try:
                await call(self._client.api_call("chat.unfurl", json=fields), repeatable=True)
            except NeedsHuman as error:
                if not any(code in error.why for code in GONE):
                    raise
