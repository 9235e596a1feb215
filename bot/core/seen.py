"""What other systems said, with its age: an old fact is never told as if it were new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Value = TypeVar("Value")
UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
SHOWN = {"github": "GitHub", "gitlab": "GitLab", "jenkins": "Jenkins"}


@dataclass(frozen=True, slots=True)
class Seen(Generic[Value]):
    """A fact of another system, and when it was read. No value: it is not on record either."""

    value: Value | None
    at: datetime | None = None
    why: str = ""  # it was not read just now; empty: it was

    @property
    def is_new(self) -> bool:
        """Whether the other system has just said so."""
        return not self.why


def system(provider: str) -> str:
    """What people call it."""
    return SHOWN.get(provider, provider)


def ago(at: datetime, now: datetime) -> str:
    """`12 minutes ago`, by the largest unit that fits once; nobody wants it more exactly."""
    gone = now - at
    for name, unit in UNITS:
        if gone >= unit:
            count = gone // unit
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "less than a minute ago"


def as_of(seen: Seen[Value], now: datetime) -> str:
    """In brackets, behind a fact that is not of now; empty: it is."""
    if seen.is_new:
        return ""
    return f" (as of {ago(seen.at, now)}; {seen.why})" if seen.at else f" ({seen.why})"
