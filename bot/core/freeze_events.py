"""What became of the freezes of places; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.frozen import FreezeTurn


@dataclass(frozen=True, slots=True)
class FreezeTurned:
    """A place is frozen, for another time than was told, or no longer. Times are ISO 8601.

    `was` is the end that was told before, where it is another one.
    """

    service: str
    environment: str
    turn: FreezeTurn
    since: str
    until: str
    certain: bool
    was: str
    reason: str
    override: str  # who may let one pass
