"""Background work that must end with its owner."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tasks:
    """Holds its tasks until they are done; `stop` cancels what is left and raises what failed."""

    _running: set[asyncio.Task[Any]] = field(default_factory=set)
    _failed: list[BaseException] = field(default_factory=list)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin something nobody waits for."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Cancel what still runs."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._failed:
            raise self._failed[0]

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed.append(error)
