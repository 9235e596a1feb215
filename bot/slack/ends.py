"""Direct messages of what somebody's own deployments became, at once or after their quiet hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.core.effects import Posted, Tell, TellEnd, TellLater
from bot.core.own_ends import hears_of, still_news
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.text import NOTHING, Text
from bot.core.values import DeploymentId
from bot.slack.hushing import Hush
from bot.slack.views.own_ends import end_text, later_text

Load = Callable[[DeploymentId], Awaitable[Deployment]]
DIRECT = "D"  # begins the ids of direct conversations


@dataclass(frozen=True, slots=True)
class OwnEndings:
    """Knows where the card stands, and what its asker wants to hear by now."""

    queries: Queries
    hush: Hush
    permalink: Callable[[Posted], str]

    async def told(self, workspace: str, effect: TellEnd, load: Load) -> Text:
        """Nothing where it is not wanted any more, or where the card stands before their eyes."""
        deployment = await load(effect.deployment)
        return await self._text(workspace, effect.person, deployment)

    async def later(self, workspace: str, effect: TellLater, load: Load) -> Text:
        """What came in quiet hours: the messages of others as they were, and how it stands at each place."""
        ended = [await load(each.deployment) for each in effect.held_back if isinstance(each, TellEnd)]
        texts = [each.text for each in effect.held_back if isinstance(each, Tell)]
        texts += [await self._text(workspace, effect.person, each) for each in still_news(ended)]
        return later_text(texts)

    async def _text(self, workspace: str, person: str, deployment: Deployment) -> Text:
        if not hears_of(deployment, await self.hush.of(workspace, person)):
            return NOTHING
        card = await self.queries.card_of(workspace, deployment.id)
        if card is not None and card.channel.startswith(DIRECT):
            return NOTHING
        return end_text(deployment, self.permalink(card) if card else "")
