"""Numbers that others measure, as a verification reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.core.rules import MetricSource


@dataclass(frozen=True, slots=True)
class MetricReading:
    """One value; without one, why there is none that could be compared."""

    value: Decimal | None
    why: str = ""
    at: datetime | None = None


class Metrics(Protocol):
    """Where numbers are asked for."""

    async def instant(self, source: MetricSource, query: str) -> MetricReading:
        """What the query says now; trouble of the other side is a reading without a value, never raised."""
        ...
