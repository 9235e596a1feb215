"""What alerts did to deployments; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class AlertPinned:
    """Its source confirmed that it fires; `counts`: against the verification."""

    deployment: DeploymentId
    number: int
    alert: str
    fingerprint: str
    source: str
    since: str
    value: str
    summary: str
    counts: bool


@dataclass(frozen=True, slots=True)
class AlertEnded:
    """Its source no longer says that it fires."""

    deployment: DeploymentId
    number: int
    alert: str
    fingerprint: str
    source: str
