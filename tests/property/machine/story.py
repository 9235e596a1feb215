"""What is told of one request, and of what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.values import Person
from tests.property.machine.town import EXPIRES, Regime

OPEN_STATES = frozenset({"requested", "scheduled", "waiting", "ready"})
UNDER_WAY = frozenset({"dispatching", "running", "verifying", "cancelling", "unknown"})
NEVER_RAN = frozenset({"refused", "rejected", "expired", "withdrawn", "superseded", "stale"})
LATE = timedelta(minutes=30)

Where = tuple[str, str]  # service and environment; an empty one stands for all


class Broken(AssertionError):
    """Something does not hold."""


def must(held: bool, otherwise: str) -> None:
    """Raises Broken."""
    if not held:
        raise Broken(otherwise)


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's word that a request shall pass a rule."""

    gate: str
    person: str
    at: datetime
    order: int  # of its record in the trail
    lists: frozenset[tuple[str, ...]]  # the checklists that held then


@dataclass(frozen=True, slots=True)
class Bar:
    """What keeps others out of a place: a lock, or the quarantine of a commit."""

    where: Where
    at: datetime
    order: int
    owner: str = ""  # of a lock; nobody in particular where it passed to the owners of a service
    until: str = ""
    sha: str = ""

    def covers(self, place: Where) -> bool:
        """Whether that place is meant."""
        return all(mine in ("", theirs) for mine, theirs in zip(self.where, place, strict=True))

    def holds(self, at: datetime) -> bool:
        """Whether it still counts then."""
        return not self.until or at < datetime.fromisoformat(self.until)


@dataclass
class Story:
    """One request, as the trail tells it."""

    number: int
    place: Where
    requester: str
    state: str = "requested"
    emergency: bool = False
    due: datetime | None = None
    digest: str = ""
    sha: str = ""
    regime: Regime | None = None
    frozen_at: datetime | None = None
    began_at: datetime | None = None
    votes: dict[str, tuple[str, str]] = field(default_factory=dict)  # person: kind, digest
    ticks: dict[str, str] = field(default_factory=dict)  # item: who ticked it
    words: list[Word] = field(default_factory=list)  # all on what stands there, as votes are
    reviews: dict[str, str] = field(default_factory=dict)  # one of each human: their account
    looked_at: bool = False  # its review is open, or was
    reviewed: bool = False
    attempts: int = 0

    def ends_at(self) -> datetime | None:
        """From when on it must not start any more."""
        if self.due is not None:
            return self.due + LATE
        asks = self.regime is not None and self.regime.rules_of(self.place[1])
        return self.frozen_at + EXPIRES if asks and self.frozen_at else None

    @property
    def busy(self) -> bool:
        """Between dispatching and an end."""
        return self.state in UNDER_WAY


@dataclass
class Now:
    """How things are when the trail is read."""

    people: Mapping[str, Person]
    regime: Regime
    tip: str


def regimes(story: Story, now: Now) -> set[Regime]:
    """The rules it was asked under, and those of today: both hold."""
    return {each for each in (story.regime, now.regime) if each is not None}
