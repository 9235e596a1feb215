"""What goes to channels that subscribed: copies of cards, notices, summaries; never to outside readers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.core.chat_ports import Channels
from bot.core.circle import Circle
from bot.core.effects import Announce, Announcement, Heard, Notice, Posted, ShowCard, Summary
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.values import DeploymentId
from bot.slack.inside import must_stay_inside
from bot.slack.run_cards import RunCards
from bot.slack.views.announcement import answer
from bot.slack.views.blocks import Message
from bot.slack.views.copies import Brief, brief, copy_of, covered, summary

Load = Callable[[DeploymentId], Awaitable[Deployment]]


@dataclass(frozen=True, slots=True)
class Copies:
    """Knows where the card itself stands, and who reads a channel."""

    queries: Queries
    channels: Channels
    circle: Circle
    permalink: Callable[[Posted], str]
    runs: RunCards | None = None

    async def card_there(self, deployment: Deployment, channel: str, known: Posted | None) -> Posted | None:
        """The card itself, where it stands in this very channel: then there is nothing to copy."""
        card = await self.queries.card_of(deployment.workspace, deployment.id)
        if card is None:
            return None
        if known is not None:
            return card if known == card else None
        return card if await self.channels.id_of(deployment.workspace, channel) == card.channel else None

    async def _of(self, deployment: Deployment, card: Message) -> Message:
        """The copy, with a link to the card where that can be opened."""
        stands = await self.queries.card_of(deployment.workspace, deployment.id)
        return copy_of(card, self.permalink(stands) if stands else "")

    async def placed(
        self, deployment: Deployment, card: Message, copied_to: str, known: Posted | None
    ) -> Message:
        """A copy, or the card: NeedsHuman where others would read it, its number alone where it stands."""
        if copied_to:
            return await self._of(deployment, card)
        if self.circle.external(deployment):
            return card
        if known is None:
            await must_stay_inside(self.channels, deployment.workspace, deployment.channel)
            return card
        outside = await self.channels.outside(deployment.workspace, known.channel)
        return covered(deployment.number) if outside else card

    async def must_stay_inside(self, deployment: Deployment, channel: str) -> None:
        """NeedsHuman where people of other organisations read by now what they may not."""
        if not self.circle.external(deployment):
            await must_stay_inside(self.channels, deployment.workspace, channel)

    async def notice(self, workspace: str, notice: Notice) -> Message:
        """As it was written when it happened."""
        if not notice.external:
            await must_stay_inside(self.channels, workspace, notice.channel)
        return answer(notice.text, [])

    async def summary(self, workspace: str, told: Summary, load: Load) -> Message | None:
        """Each deployment and run once, as it stands now; None where nothing may be said there."""
        outside = await self.channels.outside(workspace, told.channel)
        briefs = [
            Brief(each.text)
            for each in told.held_back
            if isinstance(each, Notice) and (each.external or not outside)
        ]
        cards = [each for each in told.held_back if isinstance(each, ShowCard | Announce)]
        for id in dict.fromkeys(each.deployment for each in cards):
            deployment = await load(id)
            if self.circle.external(deployment) or not outside:
                briefs.append(brief(deployment, _said(told.held_back, id)))
        if self.runs is not None:
            briefs += await self.runs.briefs(workspace, told.held_back, outside=outside)
        return summary(briefs) if briefs else None


def _said(held_back: Sequence[Heard], id: DeploymentId) -> list[Announcement]:
    return [each.what for each in held_back if isinstance(each, Announce) and each.deployment == id]
