"""Messages come, change and go; everybody who may see it is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.hub import Hub
from bot.playground.slack.ids import Ids
from bot.playground.slack.page_shapes import StreamEvent, StreamType
from bot.playground.slack.shown import channel_to_page, message_to_page
from bot.playground.slack.world import Channel, Message, World

Json = dict[str, Any]


def with_ids(blocks: list[Json], ids: Ids) -> list[Json]:
    """The blocks with a block_id each and an action_id for each element, as Slack fills them in."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", ids.secret()[:5])
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in inside:
            if block["type"] in ("section", "actions", "input") and element and element["type"] != "image":
                element.setdefault("action_id", ids.secret()[:5])
    return filled


@dataclass
class Posting:
    """The one way to write into channels."""

    world: World
    hub: Hub
    ids: Ids
    listeners: list[Callable[[Message], None]] = field(default_factory=list)

    def post(self, message: Message) -> Message:
        """Show a new message to the channel, and tell the listeners."""
        channel = self.world.channels[message.channel]
        message.blocks = with_ids(message.blocks, self.ids)
        channel.messages[message.ts] = message
        if not message.by_app:
            channel.read[message.user] = message.ts
        self._tell(StreamType.MESSAGE, channel, message)
        if message.is_reply and message.thread_ts in channel.messages:
            root = channel.messages[message.thread_ts]
            root.thread_ts = root.ts
            self._tell(StreamType.MESSAGE_CHANGED, channel, root)
        for listener in self.listeners:
            listener(message)
        return message

    def changed(self, message: Message) -> None:
        """Show what became of a message."""
        self._tell(StreamType.MESSAGE_CHANGED, self.world.channels[message.channel], message)

    def remove(self, message: Message) -> None:
        """Take a message away; an ephemeral one only its person saw."""
        channel = self.world.channels[message.channel]
        channel.messages.pop(message.ts, None)
        channel.ephemerals.pop(message.ts, None)
        event: StreamEvent = {"type": StreamType.MESSAGE_DELETED, "channel": channel.id, "ts": message.ts}
        self.hub.publish(event, [message.ephemeral_for] if message.ephemeral_for else channel.members)
        root = channel.messages.get(message.thread_ts or "")
        if root is not None and message.is_reply:
            root.thread_ts = root.ts if channel.replies(root.ts) else None
            self._tell(StreamType.MESSAGE_CHANGED, channel, root)

    def whisper(self, message: Message) -> Message:
        """Show an ephemeral message to its one person."""
        channel = self.world.channels[message.channel]
        message.blocks = with_ids(message.blocks, self.ids)
        channel.ephemerals[message.ts] = message
        self._tell(StreamType.EPHEMERAL, channel, message)
        return message

    def react(self, message: Message, user: str, name: str) -> None:
        """Add one reaction."""
        message.reactions.setdefault(name, []).append(user)
        event: StreamEvent = {
            "type": StreamType.REACTION,
            "channel": message.channel,
            "ts": message.ts,
            "user": user,
            "reaction": name,
        }
        self.hub.publish(event, self.world.channels[message.channel].members)

    def channel_changed(self, channel: Channel) -> None:
        """Show a new or archived channel to each of its members."""
        for person in channel.members:
            shown = channel_to_page(self.world, channel, person)
            self.hub.publish({"type": StreamType.CHANNEL, "page_channel": shown}, [person])

    def _tell(self, kind: StreamType, channel: Channel, message: Message) -> None:
        shown = message_to_page(self.world, message)
        audience = [message.ephemeral_for] if message.ephemeral_for else channel.members
        self.hub.publish({"type": kind, "channel": channel.id, "message": shown}, audience)
