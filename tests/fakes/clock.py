"""Time for tests: the real one, only faster."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic


class ScaledClock:
    """A clock that runs `factor` times as fast as the wall clock."""

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self._began = monotonic()
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        """The scaled time."""
        return self._start + timedelta(seconds=(monotonic() - self._began) * self.factor)

    async def sleep(self, seconds: float) -> None:
        """So many scaled seconds."""
        await asyncio.sleep(seconds / self.factor)

    def leap(self, seconds: float) -> None:
        """So much later at once; who sleeps already sleeps on."""
        self._start += timedelta(seconds=seconds)


class Unhurried:
    """The same time as another clock, but sleeps last as long as they say: slow machines want patience."""

    def __init__(self, clock: ScaledClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The other clock's time."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """So many real seconds."""
        await asyncio.sleep(seconds)
