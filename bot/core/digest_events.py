"""What happened to the digests of a channel; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalog import Every


@dataclass(frozen=True, slots=True)
class DigestSet:
    """It comes from now on; no services: those whose cards go there."""

    channel: str
    every: Every
    when: str  # in words
    services: str


@dataclass(frozen=True, slots=True)
class DigestStopped:
    channel: str
    every: Every
    why: str


@dataclass(frozen=True, slots=True)
class DigestSnoozed:
    """Nothing of this job is posted before then."""

    channel: str
    job: str
    until: str


DigestEvent = DigestSet | DigestStopped | DigestSnoozed
