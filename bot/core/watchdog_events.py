"""What was suspiciously slow; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.barks import Watchdog
from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class WatchdogBarked:
    """Somebody was told that nothing started, or that it takes too long."""

    deployment: DeploymentId
    number: int
    dog: Watchdog
    why: str
