"""Alerts that fire, as their source tells them when it is asked, and as a card keeps them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.alert_rules import AlertSource, Labels
from bot.core.secrets import redact
from bot.core.visible import clip, visible

LONGEST_NAME, LONGEST_SUMMARY, LONGEST_VALUE = 100, 300, 40


@dataclass(frozen=True, slots=True)
class Alert:
    """One that fires now."""

    name: str
    labels: Labels
    since: datetime
    value: str = ""
    summary: str = ""
    silenced: bool = False  # somebody decided that nobody shall hear of it

    @property
    def fingerprint(self) -> str:
        """The same for the same labels, whoever tells of them."""
        plain = "\n".join(f"{name}={value!r}" for name, value in sorted(self.labels))
        return hashlib.sha256(plain.encode("utf-8", "backslashreplace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class AlertReading:
    """All that fire; None where the source could not say, and why."""

    alerts: tuple[Alert, ...] | None
    why: str = ""


class Alarms(Protocol):
    """Where alerts are asked for."""

    async def firing(self, source: AlertSource) -> AlertReading:
        """All that fire now; what goes wrong there is a reading without alerts, never raised."""
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """An alert on the card of a deployment: confirmed by its source, and kept when it is over."""

    fingerprint: str
    name: str
    source: str
    since: datetime
    seen_at: datetime  # when its source confirmed it
    value: str = ""
    summary: str = ""
    fails: bool = False  # counts against the verification
    resolved_at: datetime | None = None

    @property
    def fires(self) -> bool:
        """Whether it does so still, as far as we know."""
        return self.resolved_at is None


def shown(text: str, longest: int) -> str:
    """What others wrote, in one line that hides nothing, holds no secret and can be kept anywhere."""
    return clip(visible(redact(" ".join(text.split()))), longest)
