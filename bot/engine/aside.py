"""What may wait: it takes a few places beside the work that people wait for, and never stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2  # at once; a reconciler has several times as many places


@dataclass(slots=True)
class Aside:
    """How many are taken now; of one process."""

    taken: int = 0

    def enter(self) -> bool:
        """Whether there was a place; whoever took it leaves it again."""
        if self.taken >= MOST:
            return False
        self.taken += 1
        return True

    def leave(self) -> None:
        """Somebody else may have it."""
        self.taken -= 1
