"""What a person decided about the digests of a channel; a part of `bot.core.intents`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Every
from bot.core.schedules import Schedule


@dataclass(frozen=True, slots=True)
class SetDigest:
    """In place of the one of this kind that the channel had; no services: those whose cards go there."""

    channel: str
    schedule: Schedule
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StopDigest:
    """Of one kind, or all that were asked for in chat."""

    channel: str
    every: Every | None = None


@dataclass(frozen=True, slots=True)
class SnoozeDigest:
    """Leave out what this job would post before then."""

    channel: str
    job: str
    until: datetime


DigestIntent = SetDigest | StopDigest | SnoozeDigest
