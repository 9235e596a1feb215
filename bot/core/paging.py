"""What commands that show pages share: since when, before which number, whose."""

from __future__ import annotations

import re
from datetime import datetime

from bot.core.errors import UserError
from bot.core.since import EXAMPLES, parse_since

_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})")
_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,})(?:\|[^>]*)?>")
_ID = re.compile(r"[UW][A-Z0-9]{6,}")


def number_of(word: str | None) -> int | None:
    """`42` or `#42`; anything else is none."""
    found = _NUMBER.fullmatch(word or "")
    return int(found[1]) if found else None


def before_number(word: str | None) -> int | None:
    """The page that ends before this number, or UserError."""
    number = number_of(word)
    if word is not None and number is None:
        raise UserError(f"`{word}` is no number.", "The page before a number is meant.", "Say `before 42`.")
    return number


def since_moment(word: str | None, now: datetime, zone: str) -> datetime | None:
    """The moment that was named, or UserError."""
    moment = parse_since(word, now, zone) if word is not None else None
    if word is not None and moment is None:
        raise UserError(f"`{word}` names no time in the past.", "", EXAMPLES)
    return moment


def person_id(word: str) -> str | None:
    """The id in a mention, or an id as it is; a name is not enough to know a person by."""
    found = _MENTION.fullmatch(word)
    if found:
        return found[1]
    return word if _ID.fullmatch(word) else None
