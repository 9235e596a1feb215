"""What was: the deployments of a place and the records of the audit trail, a page at a time, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from bot.core.effects import Posted
from bot.core.lifecycle import State
from bot.core.values import Actor, DeploymentId, Kind, Sha

PAGE = 10


@dataclass(frozen=True, slots=True)
class Past:
    """One deployment as a line of its history: without its changes, plan and verdicts."""

    number: int
    kind: Kind
    state: State
    service: str
    environment: str
    requested_by: Actor
    reason: str
    emergency: bool
    asked_at: datetime
    began_at: datetime | None = None  # when its dispatch was sent
    ended_at: datetime | None = None
    ref: str = ""  # as it was resolved, or as it was asked for
    sha: Sha | None = None
    title: str = ""
    note: str = ""
    approved_by: tuple[str, ...] = ()  # names, in the order in which they approved
    card: Posted | None = None

    def lasted(self, now: datetime) -> timedelta | None:
        """From the dispatch to the end, or until now; nothing for what never began."""
        return None if self.began_at is None else (self.ended_at or now) - self.began_at


@dataclass(frozen=True, slots=True)
class HistoryWish:
    """Which deployments; no environment means all of these that the service has."""

    service: str
    environment: str | None = None
    since: datetime | None = None
    before: int | None = None  # only smaller numbers: the page after one that ended there


@dataclass(frozen=True, slots=True)
class Extent:
    """Of which places records may be shown; `elsewhere` are those that belong to no place."""

    places: frozenset[tuple[str, str]]  # service and environment
    elsewhere: bool

    def within(self, service: str | None, environment: str | None) -> Extent:
        """The part of it that lies in this service and environment."""
        if service is None and environment is None:
            return self
        wanted = [
            each for each in self.places if service in (None, each[0]) and environment in (None, each[1])
        ]
        return Extent(frozenset(wanted), elsewhere=False)


@dataclass(frozen=True, slots=True)
class TrailWish:
    """Which records; what is absent narrows nothing."""

    scope: Extent
    deployment: int | None = None
    actor: str | None = None  # an id
    event: str | None = None  # the name of a kind of event
    since: datetime | None = None
    before: int | None = None  # only records with smaller numbers


@dataclass(frozen=True, slots=True)
class TrailRecord:
    """One record of the audit trail, as it was hashed."""

    seq: int
    at: datetime
    actor: Actor
    event: str
    facts: Mapping[str, object]
    service: str = ""
    environment: str = ""
    sound: bool = True  # it fits its hash

    @property
    def number(self) -> int | None:
        """The deployment that it is about."""
        number = self.facts.get("number")
        return number if isinstance(number, int) else None


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """At most so many, and whether older ones would follow."""

    rows: tuple[Row, ...]
    more: bool


class Archive(Protocol):
    """Reads of what was, outside any unit of work; each costs the same however much there is."""

    async def history(self, workspace: str, wish: HistoryWish) -> Page[Past]: ...

    async def trail(self, workspace: str, wish: TrailWish) -> Page[TrailRecord]: ...

    async def involved(self, workspace: str) -> Mapping[str, tuple[DeploymentId, ...]]:
        """By each person's id what they asked for or voted on, and has not begun.

        Whoever holds a lock, waits for one or has linked an account is among them, with or without such.
        """
        ...
