"""Owns every background task: none is lost, none outlives the stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Loop = Callable[[], Coroutine[Any, Any, None]]
log = logging.getLogger(__name__)
Settle = Callable[[], Awaitable[None]]


class Drain:
    """Starts loops, starts them anew when they fall over, and stops them within a bounded time."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._loops: list[asyncio.Task[None]] = []
        self._settles: list[Settle] = []

    def start(
        self, name: str, loop: Callable[[], Coroutine[Any, Any, None]], settle: Settle | None = None
    ) -> None:
        """Run `loop` for ever; `settle` waits for what it has under way."""
        self._loops.append(asyncio.create_task(self._for_ever(name, loop), name=name))
        if settle is not None:
            self._settles.append(settle)

    async def stop(self, patience: float = 8.0) -> bool:
        """Take no more work, let what is under way end; False when some of it had to be cut off."""
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        under_way = asyncio.gather(*(settle() for settle in self._settles))
        try:
            await asyncio.wait_for(under_way, patience)
        except TimeoutError:
            log.warning("some work was cut off; its leases run out by themselves")
            return False
        return True

    async def _for_ever(self, name: str, loop: Loop) -> None:
        while True:
            try:
                await loop()
                return
            except Exception as error:
                log.error("%s fell over and is started anew", name, exc_info=error)
                await self._sleep(1.0)
