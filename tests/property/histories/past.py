"""What happened in one place, as somebody who stood by would write it down."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.lifecycle import HOLDING, State
from bot.core.values import Kind


@dataclass(frozen=True, slots=True)
class Happening:
    """A deployment that got there, or may have."""

    number: int
    kind: Kind
    release: str  # one letter
    state: State
    undoes: int | None = None  # the number of what a rollback was to take away

    @property
    def well(self) -> bool:
        """It got there and was verified."""
        return self.state is State.SUCCEEDED

    @property
    def there(self) -> bool:
        """It got there, verified or past us."""
        return self.state in (State.SUCCEEDED, State.BYPASSED)

    @property
    def under_way(self) -> bool:
        """Nobody knows yet."""
        return self.state in HOLDING

    @property
    def back(self) -> bool:
        """It brought something back, or was to."""
        return self.kind is Kind.ROLLBACK


@dataclass(frozen=True, slots=True)
class Past:
    """All of it, in the order in which it ended; what is under way comes last."""

    happenings: tuple[Happening, ...] = ()
    quarantined: frozenset[str] = frozenset()
