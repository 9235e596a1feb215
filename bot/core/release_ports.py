"""The store's port for what became of a release, outside any unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.core.promoting import Stay
from bot.core.records import Deployment
from bot.core.targets import Arrival
from bot.core.values import Sha


class Releases(Protocol):
    """What became of a release."""

    async def stays(self, workspace: str, service: str, environment: str, release: Sha) -> tuple[Stay, ...]:
        """Each deployment of it there that succeeded or still moves, the oldest first; none was undone."""
        ...

    async def arrivals(self, workspace: str, service: str, environment: str) -> tuple[Arrival, ...]:
        """What got there or may have, the oldest first and what is under way last; the last few hundred."""
        ...

    async def sent(
        self, workspace: str, service: str, environment: str, limit: int
    ) -> tuple[Deployment, ...]:
        """The last that may have had an effect there, the newest first; whatever only waits is none."""
        ...

    async def proven(self, workspace: str, service: str, environment: str, since: datetime) -> bool:
        """Whether somebody has gone back there since then, or a drill found the way open."""
        ...

    async def asked_for(self, workspace: str, service: str, release: Sha) -> tuple[Deployment, ...]:
        """Whatever became of them, and wherever: the first few, the oldest first.

        With them the rollbacks that took it away again.
        """
        ...
