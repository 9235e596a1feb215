"""What a method is, and the arguments of one call."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError, missing_field
from bot.playground.slack.ratelimits import Tier
from bot.playground.slack.world import Channel, Message, Privacy

Json = dict[str, Any]
T = TypeVar("T")


class TokenKind(StrEnum):
    """Which token a method takes."""

    NONE = "none"
    BOT = "bot"
    APP = "app"
    ANY = "any"


class Args:
    """Arguments as sent: strings in a form, anything in JSON."""

    def __init__(self, raw: Json) -> None:
        self.raw = {name: value for name, value in raw.items() if value is not None}

    def text(self, name: str) -> str | None:
        """A string, or nothing."""
        value = self.raw.get(name)
        return None if value is None else str(value)

    def need(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if not value:
            raise missing_field(name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Truth in any of the forms Slack takes."""
        return str(self.raw.get(name, default)).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.raw.get(name, default))
        except ValueError as error:
            wrong = [f"must be an integer [json-pointer:/{name}]"]
            raise SlackError.with_messages(ErrorCode.INVALID_ARGUMENTS, wrong) from error

    def parsed(self, name: str, wrong: ErrorCode, kind: type[T]) -> T | None:
        """A JSON value, also when sent as a string."""
        value = self.raw.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value) if value else None
            except ValueError as error:
                raise SlackError(wrong) from error
        if value is not None and not isinstance(value, kind):
            raise SlackError(wrong)
        return value

    def names(self, name: str, default: str) -> list[str]:
        """A list, comma-separated or real."""
        value = self.raw.get(name, default)
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]


Handler = Callable[[Backend, Args], Json]


@dataclass(frozen=True)
class Method:
    """`scopes`: any one of them is enough; a handler may ask for more."""

    name: str
    handler: Handler
    tier: Tier
    scopes: tuple[str, ...] = ()
    token: TokenKind = TokenKind.BOT


READ_SCOPES = {
    Privacy.PUBLIC: "channels:read",
    Privacy.PRIVATE: "groups:read",
    Privacy.IM: "im:read",
    Privacy.MPIM: "mpim:read",
}
HISTORY_SCOPES = {
    Privacy.PUBLIC: "channels:history",
    Privacy.PRIVATE: "groups:history",
    Privacy.IM: "im:history",
    Privacy.MPIM: "mpim:history",
}


def need_scope(backend: Backend, *any_of: str) -> None:
    """Raise `missing_scope` unless the manifest has one of these."""
    manifest = backend.manifest
    if any_of and not manifest.scopes & set(any_of):
        raise SlackError(
            ErrorCode.MISSING_SCOPE, needed=",".join(any_of), provided=manifest.scope_list() or "identify"
        )


def visible_channel(backend: Backend, key: str, *, by_name: bool = False) -> Channel:
    """A conversation the app can see; private ones only from inside."""
    world, bot = backend.world, backend.world.identity.bot_user
    channel = world.channel(key) if by_name else world.channels.get(key)
    if channel is None or (channel.privacy is not Privacy.PUBLIC and bot not in channel.members):
        raise SlackError(ErrorCode.CHANNEL_NOT_FOUND)
    return channel


def message_in(channel: Channel, ts: str | None) -> Message:
    """A message everybody can see."""
    found = channel.messages.get(ts or "")
    if found is None:
        raise SlackError(ErrorCode.MESSAGE_NOT_FOUND)
    return found


def page_of(rows: Sequence[T], args: Args, default: int) -> tuple[list[T], str]:
    """One page of rows and the cursor of the next, empty at the end."""
    start, limit = _offset(args.text("cursor")), max(1, min(args.number("limit", default), 1000))
    following = start + limit
    cursor = base64.b64encode(f"next:{following}".encode()).decode() if following < len(rows) else ""
    return list(rows[start:following]), cursor


def _offset(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError) as error:
        raise SlackError(ErrorCode.INVALID_CURSOR) from error
