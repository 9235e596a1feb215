"""What every part of the GitHub stand-in shares."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.playground.clock import Clock
from bot.playground.github.auth import Access
from bot.playground.github.hooks import Hooks
from bot.playground.github.model import Run
from bot.playground.github.shapes.people import Urls
from bot.playground.github.world import World

HOURLY_LIMIT = 5_000
WINDOW = timedelta(hours=1)


@dataclass
class Limits:
    """The hourly budget of calls."""

    remaining: int = HOURLY_LIMIT
    reset: datetime | None = None

    def spend(self, now: datetime) -> bool:
        """Take one call out of the budget; False when there is none left."""
        if self.reset is None or now >= self.reset:
            self.remaining, self.reset = HOURLY_LIMIT, now + WINDOW
        if self.remaining <= 0:
            return False
        self.remaining -= 1
        return True

    def give_back(self) -> None:
        """An answer that nothing has changed costs nothing."""
        self.remaining += 1

    def exhaust(self, until: datetime) -> None:
        self.remaining, self.reset = 0, until


@dataclass
class Site:
    """The state and the tools of one GitHub."""

    clock: Clock
    world: World
    hooks: Hooks
    access: Access
    speed: float
    urls: Urls = field(default_factory=lambda: Urls("", ""))
    limits: Limits = field(default_factory=Limits)
    late_until: datetime | None = None
    brief: bool = False  # a run that deploys has no other jobs
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def visible(self, run: Run) -> bool:
        """Whether lists and look-ups show this run yet."""
        return self.clock.now() >= run.visible_at

    def note_change(self) -> None:
        """Wake everybody who waits for something to happen here."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, timeout: float) -> bool:
        """Wait for the next change; False when none came in time."""
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def pause(self, seconds: float, hurry: asyncio.Event) -> None:
        """Let time pass, at this playground's speed, or until somebody is in a hurry."""
        if seconds <= 0 or hurry.is_set():
            return
        waits = {
            asyncio.ensure_future(self.clock.sleep(seconds / self.speed)),
            asyncio.ensure_future(hurry.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
