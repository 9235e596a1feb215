"""Whose turn it is in a place: an emergency first, then a rollback, else whoever asked first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.core.emergencies import is_emergency
from bot.core.gates.freeze import FREEZE
from bot.core.gates.lock import LOCK
from bot.core.gates.migrations import MIGRATIONS
from bot.core.gates.quarantine import QUARANTINE
from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.locks import Lock, Scope
from bot.core.overrides import Overridable
from bot.core.records import Deployment, Wish
from bot.core.values import HURRIES, Actor
from bot.core.verdicts import passes

IN_LINE = frozenset(State) - ENDS - {State.SCHEDULED}  # whatever is due later takes its place then
MOST = 50  # who are read of a line
# They open by somebody's word alone: a fix does not wait for it.
FOR_A_WORD = frozenset({MIGRATIONS.name, QUARANTINE.name})


def ahead(one: Deployment, others: Collection[Deployment], locks: Collection[Lock], now: datetime) -> int:
    """The number of who is to be waited for, or 0: whoever runs there, else who comes first in line.

    Who waits for a lock does not keep its owner waiting, nor does who waits for a freeze to end keep those
    whom somebody let pass: else each would wait for the other.
    """
    running = [each.number for each in others if each.state in HOLDING]
    passed = passes_at(one.wish, one.requested_by, locks, now) | _lifted(one)
    earlier = [each.number for each in others if goes_before(each, one) and not held_at(each) & passed]
    beyond = [each.number for each in others][-1:] if len(others) >= MOST else []  # more than were read
    return min(running or earlier or beyond, default=0)


def goes_before(other: Deployment, one: Deployment) -> bool:
    """An emergency passes those that only wait, and so does a rollback."""
    return _place(other) < _place(one)


def _place(one: Deployment) -> tuple[bool, bool, int]:
    return (not is_emergency(one), one.wish.kind not in HURRIES, one.number)


def held_at(deployment: Deployment) -> frozenset[str]:
    """The gates that hold one that waits, as they were judged last."""
    if deployment.state is not State.WAITING:
        return frozenset()
    return frozenset(each.gate for each in deployment.verdicts if not passes(each))


def passes_at(wish: Wish, requester: Actor, locks: Collection[Lock], now: datetime) -> frozenset[str]:
    """Those of others that may never open, and the gate of locks, where this person's own holds the rest.

    Or the hold after a rollback: whoever passes that is another rollback or a fix, which waits for nobody.
    """
    place = Scope(wish.service, wish.environment)
    here = [each for each in locks if each.holds(now) and each.scope.covers(place)]
    own = any(each.is_of(requester) or each.spares is not None for each in here)
    return FOR_A_WORD | frozenset({LOCK.name} if own else set())


def _lifted(one: Deployment) -> frozenset[str]:
    """The gate of freezes, where somebody let this very request pass."""
    words = [each for each in one.overrides if each.gate is Overridable.FREEZE and each.digest == one.digest]
    return frozenset({FREEZE.name} if words else set())
