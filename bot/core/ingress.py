"""What stands between a request from outside and its answer, as the rooms that meet there see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.core.records import Source, Stored

PLAIN = "text/plain"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes = b""
    content_type: str = PLAIN


class Door(Protocol):
    """Takes one request that was read whole; answers, and never raises."""

    async def __call__(self, headers: Mapping[str, str], body: bytes, /) -> Answer: ...


class Outcome(StrEnum):
    """What became of one request at a door."""

    STORED = "stored"
    SEEN = "seen"
    ANSWERED = "answered"  # needs no storing
    UNSIGNED = "unsigned"
    BAD_TIMESTAMP = "bad_timestamp"
    STALE = "stale"
    BAD_SIGNATURE = "bad_signature"
    FORGED = "forged"
    REPLAYED = "replayed"
    FOREIGN = "foreign"  # of a workspace that is not ours
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    UNPLACED = "unplaced"  # taken, and about nothing that we know


@dataclass(frozen=True, slots=True)
class Hook:
    """What one system's webhooks look like."""

    source: Source
    kind: str  # the header that names the event
    delivery: str  # the header that stays the same when it is sent again
    refusal: Callable[[Mapping[str, str], bytes], Outcome | None]
    heeded: Callable[[str, bytes], bool]  # a kind and a body: whether anybody would do anything about it


@dataclass(frozen=True, slots=True)
class Letter:
    """What a delivery without headers is: its kind, and what stays the same when it is sent again."""

    kind: str
    key: str


class Malformed(ValueError):
    """Properly signed, and still not what its sender's documents promise."""


class Tally:
    """How many requests ended how, since the start."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Source, Outcome]] = Counter()

    def add(self, source: Source, outcome: Outcome) -> None:
        self._counts[source, outcome] += 1

    def count(self, source: Source, outcome: Outcome) -> int:
        return self._counts[source, outcome]

    def items(self) -> tuple[tuple[Source, Outcome, int], ...]:
        """Every count that is not zero, in a steady order."""
        return tuple((source, outcome, n) for (source, outcome), n in sorted(self._counts.items()))


REFUSED = Answer(401, b"The request is not signed as it must be, or it came before.")
TOO_LARGE = Answer(413, b"The request is larger than anything we expect.")
UNAVAILABLE = Answer(503, b"We cannot write it down now, so nothing was done. Try again soon.")
TAKEN = Answer(200)


def outcome_of(stored: Stored) -> Outcome:
    """How a stored receipt counts."""
    match stored:
        case Stored.NEW:
            return Outcome.STORED
        case Stored.SEEN:
            return Outcome.SEEN
        case Stored.REPLAYED:
            return Outcome.REPLAYED
