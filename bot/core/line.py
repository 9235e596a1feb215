"""Whose turn it is in a place: an emergency first, else whoever asked first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.core.emergencies import is_emergency
from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.locks import Lock, Scope
from bot.core.overrides import Overridable
from bot.core.records import Deployment
from bot.core.verdicts import passes

LOCK, FREEZE = "lock", "freeze"  # the gates that may hold one and let another pass


IN_LINE = frozenset(State) - ENDS - {State.SCHEDULED}  # whatever is due later takes its place then
MOST = 50  # who are read of a line


def ahead(one: Deployment, others: Collection[Deployment], locks: Collection[Lock], now: datetime) -> int:
    """The number of who is to be waited for, or 0: whoever runs there, else who comes first in line.

    Who waits for a lock does not keep its owner waiting, nor does who waits for a freeze to end keep those
    whom somebody let pass: else each would wait for the other.
    """
    running = [each.number for each in others if each.state in HOLDING]
    passed = _passed_by(one, locks, now)
    earlier = [each.number for each in others if goes_before(each, one) and not held_at(each) & passed]
    beyond = [each.number for each in others][-1:] if len(others) >= MOST else []  # more than were read
    return min(running or earlier or beyond, default=0)


def goes_before(other: Deployment, one: Deployment) -> bool:
    """An emergency passes those that only wait."""
    if is_emergency(other) is not is_emergency(one):
        return is_emergency(other)
    return other.number < one.number


def held_at(deployment: Deployment) -> frozenset[str]:
    """The gates that hold one that waits, as they were judged last."""
    if deployment.state is not State.WAITING:
        return frozenset()
    return frozenset(each.gate for each in deployment.verdicts if not passes(each))


def _passed_by(one: Deployment, locks: Collection[Lock], now: datetime) -> frozenset[str]:
    """The gates at which this one passes by a right of its own."""
    place = Scope(one.wish.service, one.wish.environment)
    own = any(each.holds(now) and each.scope.covers(place) and each.is_of(one.requested_by) for each in locks)
    lifted = any(each.gate is Overridable.FREEZE and each.digest == one.digest for each in one.overrides)
    return frozenset(({LOCK} if own else set()) | ({FREEZE} if lifted else set()))
