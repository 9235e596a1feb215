"""What channels were told of the freeze of a place, so that its begin and its end are told once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.core.catalog import Catalog, Environment, Service
from bot.core.freezing import frozen_since, frozen_until, thaw
from bot.core.rules import Freeze

SURE = timedelta(minutes=2)  # so long a catalog must say otherwise: one may be put back, or not be everywhere


class FreezeTurn(StrEnum):
    """What is told once, when it becomes so."""

    BEGINS = "begins"
    CHANGES = "changes"  # it ends at another time than was told
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A place whose freeze was told, kept until its end is."""

    service: str
    environment: str
    since: datetime
    until: datetime
    certain: bool = True  # False: it lasts at least until then
    doubted: datetime | None = None  # since when the catalog says otherwise than was told

    @property
    def place(self) -> tuple[str, str]:
        """What names it within a workspace."""
        return self.service, self.environment


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept from now on, and what of it is to be told; None: nothing."""

    kept: Frozen | None
    turn: FreezeTurn | None = None
    ended: datetime | None = None  # when it was over
    was: datetime | None = None  # the end that was told, where that was wrong


def freezable(catalog: Catalog) -> Iterator[tuple[Service, Environment]]:
    """Each place with freezes; one without may still be told to be frozen, by an older catalog."""
    for service in catalog.services:
        for place in service.places:
            yield service, place


def holding(freezes: tuple[Freeze, ...], now: datetime) -> tuple[Freeze, ...]:
    """Those that hold now."""
    return tuple(each for each in freezes if frozen_until(each, now) is not None)


def turned(place: tuple[str, str], freezes: tuple[Freeze, ...], known: Frozen | None, now: datetime) -> Told:
    """What has become of a place since somebody looked.

    Freezes that overlap or follow on each other are one. What began and ended while nobody looked is not
    told; what the catalog says against what was told is told only when it has said so for a while.
    """
    if not holding(freezes, now):
        return _over(known, now) if known is not None else Told(None)
    until, certain = thaw(freezes, now)
    if known is None or (known.until < now and frozen_since(freezes, now) > known.until):
        return Told(Frozen(*place, frozen_since(freezes, now), until, certain), FreezeTurn.BEGINS)
    found = replace(known, until=until, certain=certain, doubted=None)
    if until == known.until or not known.certain:
        return Told(found)
    if not _sure(known, now):
        return Told(_doubted(known, now))
    return Told(found, FreezeTurn.CHANGES, was=known.until)


def _over(known: Frozen, now: datetime) -> Told:
    if known.until <= now:
        return Told(None, FreezeTurn.ENDS, known.until if known.certain else now)
    if not _sure(known, now):
        return Told(_doubted(known, now))
    return Told(None, FreezeTurn.ENDS, known.doubted, known.until)


def _sure(known: Frozen, now: datetime) -> bool:
    return known.doubted is not None and now - known.doubted >= SURE


def _doubted(known: Frozen, now: datetime) -> Frozen:
    return known if known.doubted is not None else replace(known, doubted=now)


class FrozenPlaces(Protocol):
    """Inside a unit of work."""

    async def swap(self, before: Frozen | None, after: Frozen | None) -> bool:
        """In place of what was known of the same place; False when that is no longer what is on record."""
        ...


class FrozenBook(Protocol):
    """Outside any unit of work."""

    async def of(self, workspace: str) -> tuple[Frozen, ...]:
        """All of them, by place."""
        ...
