"""An address that answers as a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.verify_ports import Answered, HttpReading

FINE = Answered(200, b"ok")


@dataclass
class FakeProbe:
    """Says the next reading that was told; the last one for ever."""

    readings: list[HttpReading] = field(default_factory=lambda: [FINE])
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str, patience: timedelta, *, private: bool) -> HttpReading:  # noqa: ARG002
        self.asked.append(url)
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
