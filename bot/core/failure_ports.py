"""The store's ports for failures."""

from __future__ import annotations

from typing import Protocol

from bot.core.failures import Failure, FailureSource
from bot.core.values import Sha


class Failures(Protocol):
    """Inside a unit of work."""

    async def open(self, failure: Failure) -> bool:
        """False when it is on record already, ended or not; then that stays as it is."""
        ...

    async def begin(self, failure: Failure) -> None:
        """Known from now on; one that began again goes on, as if it had never ended."""
        ...

    async def end(self, source: FailureSource, external_id: str) -> None:
        """It is over; one that nobody told of stays unknown."""
        ...

    async def recover(self, service: str, environment: str, release: Sha) -> tuple[Failure, ...]:
        """End now whatever somebody began to take away there, but not what this very release did."""
        ...


class FailureBook(Protocol):
    """As the metrics read them, outside any unit of work."""

    async def of(self, workspace: str, service: str, environment: str) -> tuple[Failure, ...]:
        """All of these sources that are on record of a place, the oldest first."""
        ...
