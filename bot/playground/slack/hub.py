"""Tells browsers and waiting tests that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bot.playground.slack.page_shapes import StreamEvent

Listener = asyncio.Queue[StreamEvent | None]


@dataclass
class Hub:
    """Every change is published here once, to the people who may see it."""

    _listeners: dict[Listener, str] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self, person: str) -> Listener:
        """A queue of what this person sees; `None` ends it."""
        queue: Listener = asyncio.Queue()
        self._listeners[queue] = person
        return queue

    def leave(self, queue: Listener) -> None:
        """Stop listening."""
        self._listeners.pop(queue, None)

    def publish(self, event: StreamEvent, audience: Collection[str] | None) -> None:
        """Send to each listener in the audience (`None`: everybody), and wake who waits for a change."""
        for queue, person in self._listeners.items():
            if audience is None or person in audience:
                queue.put_nowait(event)
        self.ring()

    def ring(self) -> None:
        """Wake who waits for a change."""
        self._bell.set()
        self._bell = asyncio.Event()

    def close(self) -> None:
        """End every stream."""
        for queue in self._listeners:
            queue.put_nowait(None)

    async def changed(self, timeout: float) -> None:
        """Return at the next change; `TimeoutError` when none comes."""
        bell = self._bell
        async with asyncio.timeout(timeout):
            await bell.wait()

    async def until(self, condition: Callable[[], bool], timeout: float) -> None:
        """Return when the condition holds, looking again at each change."""
        async with asyncio.timeout(timeout):
            while not condition():
                await self._bell.wait()
