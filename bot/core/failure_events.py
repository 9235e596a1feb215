"""What became of failures; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.failures import FailureSource
from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class FailureOpened:
    """From now on it counts; `deployment` is the one that failed."""

    deployment: DeploymentId
    number: int
    source: FailureSource
    summary: str


@dataclass(frozen=True, slots=True)
class FailureEnded:
    """The place has recovered; `deployment` is the one that was verified then."""

    deployment: DeploymentId
    number: int
    source: FailureSource
    external_id: str
