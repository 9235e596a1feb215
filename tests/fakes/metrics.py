"""Numbers that a test makes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bot.core.metrics import MetricReading
from bot.core.rules import MetricSource

RIGHT = MetricReading(Decimal("0.01"))


@dataclass
class FakeMetrics:
    """Says the next reading that was told; the last one for ever."""

    readings: list[MetricReading] = field(default_factory=lambda: [RIGHT])
    asked: list[str] = field(default_factory=list)

    async def instant(self, source: MetricSource, query: str) -> MetricReading:
        self.asked.append(f"{source.name}: {query}")
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
