"""Real time: the only place of the product that reads a clock or sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.core.ports import Clock

Wake = Callable[[float], Awaitable[None]]


class SystemClock:
    """The port Clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long."""
        await asyncio.sleep(seconds)


def waker(wait: Callable[[], Awaitable[None]], clock: Clock) -> Wake:
    """Waits for a call, but no longer than so many seconds."""

    async def wake(seconds: float) -> None:
        waiting = {asyncio.ensure_future(wait()), asyncio.ensure_future(clock.sleep(seconds))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    return wake
