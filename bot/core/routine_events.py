"""What became of the verifications that are measured on a schedule; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.courses import Turn


@dataclass(frozen=True, slots=True)
class RoutineTurned:
    """One that held fails, one that failed holds again, or nobody can tell any more; `number` ran there."""

    service: str
    environment: str
    number: int
    what: str
    turn: Turn
    why: str
