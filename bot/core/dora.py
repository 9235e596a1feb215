"""The DORA figures of one service in production, over plain rows. Services are never blended.

A release counts once for each place, when it first got there. Rollbacks are no deploys: they count as rework.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from bot.core.failures import Failure
from bot.core.happenings import Happened
from bot.core.values import Kind

FEW = 5  # with fewer than these a list says more than figures


@dataclass(frozen=True, slots=True)
class Spread:
    """Half of them took at most `p50`, nine of ten at most `p90`: figures that did occur, and no means."""

    p50: timedelta
    p90: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """What one window says of one service."""

    deploys: tuple[Happened, ...] = ()
    lead: Spread | None = None  # from the commit to production
    failed: int = 0  # of the deploys, after they had got there
    recovery: Spread | None = None
    unplanned: int = 0  # rollbacks, emergencies and what fell back by itself
    changes: int = 0  # deploys and rollbacks: what `unplanned` is a part of

    @property
    def few(self) -> bool:
        """Whether they are too few to be counted in percent."""
        return len(self.deploys) < FEW


def figures(ended: Iterable[Happened], failures: Iterable[Failure]) -> Figures:
    """Of the deployments to production that ended in a window; failures may be of others as well."""
    arrived = {each.id: each for each in ended if each.arrived}.values()  # each once, however it was read
    changes = [each for each in arrived if each.kind is Kind.ROLLBACK or not each.again]
    deploys = tuple(each for each in changes if each.kind is not Kind.ROLLBACK)
    by_id = {each.id: each for each in deploys}
    of_these = [each for each in failures if each.deployment in by_id]
    recovered = [
        each.ended_at - by_id[each.deployment].ended_at for each in of_these if each.ended_at is not None
    ]
    return Figures(
        deploys=deploys,
        lead=spread([age for each in deploys for age in ages(each)]),
        failed=len({each.deployment for each in of_these}),
        recovery=spread(recovered),
        unplanned=sum(map(_unplanned, changes)),
        changes=len(changes),
    )


def ages(deploy: Happened) -> list[timedelta]:
    """How old its commits were when they got there; clocks that disagree make nothing younger than new."""
    return [max(timedelta(), deploy.ended_at - each) for each in deploy.committed]


def spread(lengths: Sequence[timedelta]) -> Spread | None:
    """By the nearest rank; nothing of nothing."""
    ranked = sorted(lengths)
    if not ranked:
        return None
    return Spread(*(ranked[ceil(share * len(ranked) / 100) - 1] for share in (50, 90)))


def _unplanned(change: Happened) -> bool:
    return change.kind is Kind.ROLLBACK or change.emergency or not change.planned
