"""A channel that was archived: what it subscribed to is off. The event is a hint; the channel says it."""

from __future__ import annotations

from bot.core.intents import CloseChannel, Intent
from bot.slack.understanding import Conversation

WHY = "The channel was archived."


async def closed(talk: Conversation, channel: str) -> tuple[Intent, ...]:
    """Nothing for a channel that subscribed to nothing, or is open all the same."""
    kept = await talk.around.subscriptions.subscriptions(talk.workspace)
    if not any(each.channel == channel and not each.off for each in kept):
        return ()
    if not await talk.around.channels.closed(talk.workspace, channel):
        return ()
    return (CloseChannel(channel, WHY),)
