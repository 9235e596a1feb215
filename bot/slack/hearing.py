"""The same grammar for words without a slash: a message that begins with our name, or is to us alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.slack.words import typed

_NAME = re.compile(r"\s*<@[A-Z0-9]+(?:\|[^>]*)?>[:,]?\s*")
OURS, HELP = "slipway", "help"


def called(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Command and words of a mention; None where our name stands somewhere within what is told to others."""
    words = _by_person(event)
    found = _NAME.match(words)
    return _split(words[found.end() :]) if found else None


def told_alone(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """The same of a direct message, where our name need not be said; None for what is no new message."""
    if event.get("channel_type") != "im" or event.get("subtype"):
        return None
    words = _by_person(event)
    found = _NAME.match(words)
    return _split(words[found.end() :] if found else words) if words.strip() else None


def _by_person(event: Mapping[str, Any]) -> str:
    """Empty for what a bot says, as two of them could go on for ever, and for what was changed later."""
    text = event.get("text")
    if event.get("bot_id") or event.get("edited") or not isinstance(text, str):
        return ""
    return text


def _split(words: str) -> tuple[str, str]:
    left = typed(words).split()
    while len(left) > 1 and left[0].removeprefix("/").lower() == OURS:
        left.pop(0)
    first, *rest = left or [HELP]
    return first.removeprefix("/").lower() or HELP, " ".join(rest)
