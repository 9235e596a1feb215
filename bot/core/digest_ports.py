"""The store's ports for the digests that people asked for in chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.catalog import Every
from bot.core.schedules import Schedule
from bot.core.values import Actor


@dataclass(frozen=True, slots=True)
class AskedDigest:
    """What somebody wished for a channel; no services: those whose cards go there."""

    channel: str
    schedule: Schedule
    services: tuple[str, ...]
    by: Actor
    since: datetime

    @property
    def job(self) -> str:
        """The same until it is stopped: a channel has one of each kind."""
        return job_of(self.channel, self.schedule.every)


def job_of(channel: str, every: Every) -> str:
    """What the turns of such a digest are called."""
    return f"digest/{channel}/{every}"


class Digests(Protocol):
    """Inside a unit of work."""

    async def put(self, channel: str, schedule: Schedule, services: tuple[str, ...], by: Actor) -> None:
        """In place of the one of this kind that the channel had."""
        ...

    async def stop(self, channel: str, every: Every | None = None) -> tuple[AskedDigest, ...]:
        """Those that were stopped: of one kind, or all of the channel."""
        ...

    async def snooze(self, job: str, until: datetime) -> None:
        """None of this job before then."""
        ...

    async def snoozed(self, job: str) -> datetime | None:
        """Until when; None where nobody snoozed it."""
        ...


class DigestBook(Protocol):
    """Outside any unit of work."""

    async def asked(self, workspace: str) -> tuple[AskedDigest, ...]:
        """All of them, by channel."""
        ...

    async def snoozes(self, workspace: str) -> dict[str, datetime]:
        """By job, until when."""
        ...
