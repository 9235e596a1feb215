"""Listings that are read to their end or refused: what lies beyond the end may be the failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from bot.core.errors import NeedsHuman

T = TypeVar("T")
MOST = 1_000  # GitHub keeps or shows no more of most things, and does not say that there were more


def whole(listed: Iterable[T], what: str, most: int = MOST) -> Iterator[T]:
    """Each of them, page by page; so many of them are an error, since there may be more."""
    for count, each in enumerate(listed, 1):
        if count == most:
            raise too_many(what, most)
        yield each


def too_many(what: str, most: int) -> NeedsHuman:
    """Nobody can tell what the rest of them says, so nothing is told of any."""
    return NeedsHuman(
        f"GitHub has {most:,} {what}, or more; so many are not read.",
        "What is left unread may have failed.",
        "Find out what makes so many, or ask for a newer commit.",
    )
