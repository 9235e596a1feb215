"""Real time: the only place of the product that reads a clock or sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.core.ports import Clock
from bot.engine.rest import Wake


class SystemClock:
    """The port Clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let others work for so long."""
        await asyncio.sleep(seconds)


def waker(wait: Callable[[], Awaitable[None]], clock: Clock) -> Wake:
    """Waits for a call, but no longer than so many seconds; says whether there was one."""

    async def wake(seconds: float) -> bool:
        called, slept = asyncio.ensure_future(wait()), asyncio.ensure_future(clock.sleep(seconds))
        try:
            done, _ = await asyncio.wait({called, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            called.cancel()
            slept.cancel()
            await asyncio.gather(called, slept, return_exceptions=True)
        return called in done

    return wake
