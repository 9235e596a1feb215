"""The acts that a history is made of, and the book that somebody keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.lifecycle import State
from bot.core.values import Kind
from tests.property.histories.past import Happening, Past


class Deed(StrEnum):
    """What can happen in a place."""

    DEPLOY = "deploy"
    ROLL_BACK = "roll back"
    GO_ON = "go on"  # what is under way
    PAST_US = "past us"
    PAST_US_BEFORE = "past us before"  # it landed earlier than what ended last, and we learn of it now
    NEVER_SENT = "never sent"  # it ended, or is said to run, but nothing of it got there
    ELSEWHERE = "elsewhere"  # the same service and release, in another environment
    QUARANTINE = "quarantine"
    LIFT = "lift"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Act:
    """One event; what is not said of it does not matter."""

    deed: Deed
    release: str = ""
    state: State = State.SUCCEEDED  # in which it is afterwards
    kind: Kind = Kind.DEPLOY
    undoes: int | None = None


History = tuple[Act, ...]


class Book:
    """What is on record after each act; numbers are given as the store gives them."""

    def __init__(self) -> None:
        self.asked = 0
        self._ended: tuple[Happening, ...] = ()
        self.under_way: Happening | None = None
        self.quarantined: frozenset[str] = frozenset()

    @property
    def past(self) -> Past:
        """As it is now."""
        return Past(self._ended + ((self.under_way,) if self.under_way else ()), self.quarantined)

    @property
    def last_ended(self) -> Happening | None:
        """After which nothing ended."""
        return self._ended[-1] if self._ended else None

    def note(self, act: Act) -> None:
        """One more act."""
        match act.deed:
            case Deed.DEPLOY | Deed.ROLL_BACK:
                self._put(Happening(self._number(), act.kind, act.release, act.state, act.undoes))
            case Deed.GO_ON:
                assert self.under_way is not None
                moved, self.under_way = replace(self.under_way, state=act.state), None
                self._put(moved)
            case Deed.PAST_US:
                self._put(Happening(self._number(), act.kind, act.release, act.state))
            case Deed.PAST_US_BEFORE:
                landed = Happening(self._number(), act.kind, act.release, act.state)
                self._ended = (*self._ended[:-1], landed, *self._ended[-1:])
            case Deed.NEVER_SENT | Deed.ELSEWHERE:
                self._number()
            case Deed.QUARANTINE:
                self.quarantined |= {act.release}
            case Deed.LIFT:
                self.quarantined -= {act.release}
            case Deed.CRASH:
                pass  # what did not become a record did not happen

    def _number(self) -> int:
        self.asked += 1
        return self.asked

    def _put(self, happening: Happening) -> None:
        if happening.under_way:
            self.under_way = happening
        else:
            self._ended = (*self._ended, happening)


def pasts(history: Iterable[Act]) -> Iterator[Past]:
    """What is on record after each of them."""
    book = Book()
    for act in history:
        book.note(act)
        yield book.past
