"""What a watchdog saw; kept with the deployment, so that it is told once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Watchdog(StrEnum):
    """What somebody is told of, once for each deployment."""

    NOTHING_STARTED = "nothing_started"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Bark:
    """Which one, what it saw, and what can be done about it."""

    dog: Watchdog
    why: str
    next: str
