"""How long a release has been the verified one in an earlier environment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """One deployment of the release there."""

    number: int
    since: datetime | None  # when it was verified; None while it is still on its way
    until: datetime | None = None  # when another release took its place


@dataclass(frozen=True, slots=True)
class Past:
    """What is on record of the release in one environment; what was rolled back is not among it."""

    environment: str
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """The same for each environment that a release must come from."""

    pasts: tuple[Past, ...] = ()

    def of(self, environment: str) -> Past:
        """The record of that one."""
        return next((each for each in self.pasts if each.environment == environment), Past(environment))


@dataclass(frozen=True, slots=True)
class Span:
    """The release was live without a break; deploying the same once more breaks nothing."""

    began: datetime
    verified: datetime  # for the last time
    until: datetime | None


def spans(stays: Iterable[Stay]) -> tuple[Span, ...]:
    """The stays that the same successor ended are one; the oldest first."""
    found: dict[datetime | None, Span] = {}
    for each in stays:
        if each.since is not None:
            before = found.get(each.until, Span(each.since, each.since, each.until))
            began, verified = min(before.began, each.since), max(before.verified, each.since)
            found[each.until] = Span(began, verified, each.until)
    return tuple(sorted(found.values(), key=lambda span: span.began))
