"""The store's port for jobs that shall be done once, whoever of us thinks of them."""

from __future__ import annotations

from typing import Protocol


class Turns(Protocol):
    """Inside a unit of work: what is done in its turn commits with the turn, or neither does."""

    async def take(self, job: str, slot: str) -> bool:
        """Whether it is ours; False when somebody had it already. A job has one turn in each of its slots."""
        ...
