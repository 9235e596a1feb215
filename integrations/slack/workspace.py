"""Which workspace our token belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.calls import call


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Slack workspace, and who we are in it."""

    id: str
    name: str
    bot_user: str


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
    return Workspace(str(answer["team_id"]), str(answer.get("team", "")), str(answer.get("user_id", "")))
