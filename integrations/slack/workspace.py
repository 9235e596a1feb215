"""Which workspace our token belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.effects import Posted
from integrations.slack.calls import call


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace, and who we are in it."""

    id: str
    name: str
    bot_user: str
    url: str = ""

    def link(self, posted: Posted) -> str:
        """Where a browser finds the message; empty when Slack did not say where the workspace is."""
        if not self.url:
            return ""
        return f"{self.url.rstrip('/')}/archives/{posted.channel}/p{posted.ts.replace('.', '')}"


class Home:
    """Our own workspace: asked once, then remembered."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self.known: Workspace | None = None

    async def __call__(self) -> Workspace:
        """Ask Slack unless it is known."""
        if self.known is None:
            self.known = await whoami(self._client)
        return self.known


async def whoami(client: AsyncWebClient) -> Workspace:
    """Ask Slack; Transient when it does not answer, NeedsHuman when it does not know the token."""
    answer = await call(client.auth_test(), repeatable=True)
    return Workspace(
        str(answer["team_id"]),
        str(answer.get("team", "")),
        str(answer.get("user_id", "")),
        str(answer.get("url", "")),
    )
