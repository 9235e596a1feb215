"""The workspace in memory: people, groups, channels, messages, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.playground.slack.page_shapes import ChannelKind

Json = dict[str, Any]
SLACKBOT = "USLACKBOT"


class Privacy(StrEnum):
    """Slack's types of conversation, by the name `conversations.list` uses."""

    PUBLIC = "public_channel"
    PRIVATE = "private_channel"
    IM = "im"
    MPIM = "mpim"


@dataclass(frozen=True)
class Identity:
    """The workspace and the one app installed in it."""

    team_id: str
    team_name: str
    team_domain: str
    app_id: str
    bot_id: str
    bot_user: str


@dataclass
class Person:
    """A member, guest, stranger or bot."""

    id: str
    name: str
    real_name: str
    title: str
    email: str
    tz: str
    team_id: str
    is_bot: bool = False
    is_admin: bool = False
    is_guest: bool = False
    is_stranger: bool = False
    deleted: bool = False

    @property
    def display_name(self) -> str:
        """What others see beside the picture."""
        return self.real_name.split()[0]

    @property
    def selectable(self) -> bool:
        """Whether somebody may sit down at this person's screen."""
        return not self.is_bot and not self.deleted


@dataclass
class Usergroup:
    """People who are mentioned together."""

    id: str
    handle: str
    name: str
    users: list[str]


@dataclass
class StoredFile:
    """An upload, from its first step on."""

    id: str
    name: str
    title: str
    mimetype: str
    length: int
    upload_key: str
    content: bytes = b""
    uploaded: bool = False
    shared: bool = False


@dataclass
class Message:
    """One message; `ephemeral_for` makes it visible to one person only."""

    ts: str
    channel: str
    user: str
    text: str
    by_app: bool = False
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited: str | None = None
    ephemeral_for: str | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False

    @property
    def is_reply(self) -> bool:
        """Stands in a thread, below its root."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Channel:
    """A conversation of any type and all that stands in it."""

    id: str
    name: str
    privacy: Privacy
    members: list[str]
    topic: str = ""
    created: int = 1_700_000_000
    is_archived: bool = False
    is_shared: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> ChannelKind:
        """In which part of the side bar it is listed."""
        match self.privacy:
            case Privacy.PUBLIC | Privacy.PRIVATE:
                return ChannelKind.CHANNEL
            case Privacy.IM:
                return ChannelKind.APP
            case Privacy.MPIM:
                return ChannelKind.DM

    def replies(self, root: str) -> list[Message]:
        """The answers in one thread, oldest first."""
        return [m for m in self.messages.values() if m.thread_ts == root and m.ts != root]

    def unread(self, person: str) -> int:
        """How many messages of others came since the person last looked."""
        seen = self.read.get(person, "")
        return sum(m.ts > seen and m.user != person and not m.is_reply for m in self.messages.values())


@dataclass
class World:
    """Everything the workspace knows."""

    identity: Identity
    people: dict[str, Person] = field(default_factory=dict)
    usergroups: dict[str, Usergroup] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)

    def person(self, key: str) -> Person | None:
        """By id, or by handle."""
        return self.people.get(key) or next((p for p in self.people.values() if p.name == key), None)

    def channel(self, key: str) -> Channel | None:
        """By id, or by name with or without the hash sign."""
        name = key.removeprefix("#")
        named = (c for c in self.channels.values() if c.name == name and c.kind is ChannelKind.CHANNEL)
        return self.channels.get(key) or next(named, None)

    def app_channel(self, person: str) -> Channel:
        """The direct message between a person and the app, made when first needed."""
        channel_id = "D" + person[1:]
        if channel_id not in self.channels:
            members = [person, self.identity.bot_user]
            self.channels[channel_id] = Channel(channel_id, "slipway", Privacy.IM, members)
        return self.channels[channel_id]

    def visible_to(self, person: str) -> list[Channel]:
        """The conversations in somebody's side bar."""
        return [c for c in self.channels.values() if person in c.members]

    def group(self, handle: str) -> Usergroup | None:
        """A user group by its handle."""
        return next((g for g in self.usergroups.values() if g.handle == handle), None)
