"""Channels that were archived and people who left. What an event says is looked up."""

from __future__ import annotations

from bot.core.intents import CloseChannel, Intent, OffBoard
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


async def left(talk: Conversation, id: str) -> tuple[Intent, ...]:
    """An event is a hint: the directory says whether somebody has left, and the record what is theirs."""
    person = await talk.around.directory.person(talk.workspace, id, fresh=True)
    involved = await talk.around.archive.involved(talk.workspace)
    if person.active or id not in involved:
        return ()
    return (OffBoard(id, person.name, involved[id]),)
