"""A lock: one person's hold on a place, or on many, until a moment or until it is ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Catalog, Environment, Service
from bot.core.grammar_words import GrammarWord
from bot.core.records import Deployment
from bot.core.values import HURRIES, Actor, ActorKind, Sha
from bot.core.visible import clip

STORY = 200  # characters of a reason, where it is told beside other things


@dataclass(frozen=True, slots=True)
class Scope:
    """What is locked. None stands for all: every service's production, all environments of a service."""

    service: str | None = None
    environment: str | None = None

    def covers(self, other: Scope) -> bool:
        """Whether everything of the other is in this one."""
        return self.service in (None, other.service) and self.environment in (None, other.environment)

    def meets(self, other: Scope) -> bool:
        """Whether any place can be in both."""
        services, environments = {self.service, other.service}, {self.environment, other.environment}
        return all(None in names or len(names) == 1 for names in (services, environments))

    def places(self, catalog: Catalog) -> tuple[tuple[Service, Environment], ...]:
        """The places of the catalog that it covers."""
        every = ((service, place) for service in catalog.services for place in service.environments)
        return tuple(
            (service, place) for service, place in every if self.covers(Scope(service.name, place.name))
        )

    def __str__(self) -> str:
        """As it stands in a sentence."""
        if self.service is None:
            return f"every service in {self.environment}" if self.environment else "everything"
        return f"{self.service} in {self.environment or 'every environment'}"

    @property
    def typed(self) -> str:
        """As a person types it after `/lock` and `/unlock`."""
        names = [each for each in (self.service, self.environment) if each is not None]
        return " ".join(names) or GrammarWord.EVERYTHING


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds what, why, and how long. Past `until` it counts for nothing; nobody sweeps."""

    id: str
    scope: Scope
    owner: Actor
    reason: str
    since: datetime
    until: datetime | None = None
    spares: Sha | None = None  # of the hold after a rollback: what mends this release does not wait for it

    def holds(self, now: datetime) -> bool:
        """Whether it counts now."""
        return self.until is None or now < self.until

    @property
    def story(self) -> str:
        """Why, since when and how long, where a text can't show each reader's own time."""
        until = f"until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "until it is unlocked"
        return f"“{clip(self.reason, STORY)}”, from {self.since:%Y-%m-%d %H:%M} UTC {until}."

    def is_of(self, actor: Actor) -> bool:
        """Whether it stands in nobody's way but that of others."""
        return (self.owner.kind, self.owner.id) == (actor.kind, actor.id)


def owners_of(service: str) -> Actor:
    """Who holds what somebody left behind: any owner may end it, and none of them may deploy through it."""
    return Actor(ActorKind.OWNERS, service, f"{service}'s team")


@dataclass(frozen=True, slots=True)
class Held:
    """Every lock of a workspace, as the gate gets to know of them."""

    locks: tuple[Lock, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who wants to be told when nobody else's lock keeps them from there any more."""

    scope: Scope
    person: Actor
    since: datetime


def against(locks: Iterable[Lock], actor: Actor, place: Scope, now: datetime) -> tuple[Lock, ...]:
    """The locks that keep this person from this place, the longest one first."""
    return longest_first(
        each for each in locks if each.holds(now) and each.scope.covers(place) and not each.is_of(actor)
    )


def in_its_way(
    locks: Iterable[Lock], deployment: Deployment, now: datetime, mended: Collection[Sha] = ()
) -> tuple[Lock, ...]:
    """The same for a deployment: the hold after a rollback stops no other rollback, and no fix of it."""
    wish, place = deployment.wish, Scope(deployment.wish.service, deployment.wish.environment)
    others = against(locks, deployment.requested_by, place, now)
    goes_back = wish.kind in HURRIES
    return tuple(each for each in others if each.spares is None or not (goes_back or each.spares in mended))


def longest_first(locks: Iterable[Lock]) -> tuple[Lock, ...]:
    """Those without an end before all others."""
    return tuple(sorted(locks, key=_by_end, reverse=True))


def _by_end(lock: Lock) -> tuple[bool, float]:
    return (lock.until is None, lock.until.timestamp() if lock.until else 0.0)
