"""Carries effects to Slack: loads what is on record now, renders it, checks the limits, hands it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.core.actions import ActionId
from bot.core.effects import Announce, Answer, Effect, Posted, ShowCard
from bot.core.errors import BlocksRefused, Bug
from bot.core.ports import Chat, Queries
from bot.core.records import Deployment
from bot.core.values import DeploymentId
from bot.slack.limits import check
from bot.slack.views.announcement import announcement, answer
from bot.slack.views.blocks import Message, button, quiet
from bot.slack.views.card import card

LOOK_BACK = timedelta(minutes=15)
REPEAT = "may be a repeat"


class SlackMessenger:
    """The port Messenger over a chat and the views."""

    def __init__(self, chat: Chat, queries: Queries, now: Callable[[], datetime]) -> None:
        self._chat = chat
        self._queries = queries
        self._now = now
        self._plans = True

    async def deliver(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, *, repeated: bool = False
    ) -> Posted | None:
        """Show it, and say where it stands."""
        match effect:
            case ShowCard(id):
                return await self._show(workspace, operation, id, known, repeated=repeated)
            case Announce(id, what):
                if known is None:
                    raise Bug("an announcement before its card")
                deployment = await self._deployment(workspace, id)
                message = _marked(announcement(deployment, what), repeated=repeated)
                check(message)
                return await self._chat.post(workspace, known.channel, message, operation, known.ts)
            case Answer():
                await self._answer(workspace, effect)
                return None

    async def look_up(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None
    ) -> Posted | None:
        """The message that an earlier try may have posted."""
        since = self._now() - LOOK_BACK
        match effect:
            case ShowCard(id):
                channel = (await self._deployment(workspace, id)).channel
                return await self._chat.find(workspace, channel, operation, since)
            case Announce():
                if known is None:
                    return None
                return await self._chat.find(workspace, known.channel, operation, since, known.ts)
            case Answer():
                return None

    async def _show(
        self, workspace: str, operation: str, id: DeploymentId, known: Posted | None, *, repeated: bool
    ) -> Posted:
        deployment = await self._deployment(workspace, id)
        try:
            return await self._put(workspace, operation, deployment, known, repeated=repeated)
        except BlocksRefused:
            if not self._plans:
                raise
            self._plans = False
            return await self._put(workspace, operation, deployment, known, repeated=repeated)

    async def _put(
        self, workspace: str, operation: str, deployment: Deployment, known: Posted | None, *, repeated: bool
    ) -> Posted:
        message = _marked(card(deployment, with_plan=self._plans), repeated=repeated)
        check(message)
        if known is not None and await self._chat.edit(workspace, known, message):
            return known
        return await self._chat.post(workspace, deployment.channel, message, operation)

    async def _answer(self, workspace: str, effect: Answer) -> None:
        buttons = []
        if effect.offer:
            buttons.append(
                button(ActionId(effect.offer), "Open the form", effect.offer_value, style="primary")
            )
        message = answer(effect.text, buttons)
        check(message)
        await self._chat.whisper(workspace, effect.channel, effect.person, message, effect.response_url)

    async def _deployment(self, workspace: str, id: DeploymentId) -> Deployment:
        found = await self._queries.deployment_by_id(workspace, id)
        if found is None:
            raise Bug(f"an effect of a deployment that is not there: {id}")
        return found


def _marked(message: Message, *, repeated: bool) -> Mapping[str, object]:
    if not repeated:
        return message
    return message | {
        "text": f"{message['text']} ({REPEAT})",
        "blocks": [*message["blocks"], quiet(f"This {REPEAT}: Slack did not say whether it took the first.")],
    }
