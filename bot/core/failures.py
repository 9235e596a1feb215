"""A failure: what a release did badly in one place, from when until when; the metrics count these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.values import DeploymentId


class FailureSource(StrEnum):
    """Who noticed it."""

    ROLLBACK = "rollback"  # somebody took the release away again
    ALERT = "alert"  # one that fired after it had succeeded


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one deployment. It has no end until the place has recovered."""

    service: str
    environment: str
    deployment: DeploymentId  # that brought the release
    source: FailureSource
    external_id: str  # by which its source knows it; the same one is never kept twice
    summary: str
    started_at: datetime
    ended_at: datetime | None = None
