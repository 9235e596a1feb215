"""What somebody has locked waits for them: the owner of a lock may deploy there, and nobody else.

A lock that is past its end is none, so no gate waits for anybody to sweep it away. A deployment in an
emergency waits as well: whoever may break locks breaks it first, and its owner is told.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.locks import Held, Lock, Scope, in_its_way
from bot.core.mending import Bearing, Quarantined
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import Sha

NAME = "lock"
FIX = " A release that mends what was rolled back does not wait for it."


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:
    """Open while no lock of somebody else covers the place."""
    fact, kept_out = facts[FactKind.LOCKS], facts[FactKind.QUARANTINES]
    if isinstance(fact, Unreadable):
        return _not_known(fact)
    if isinstance(kept_out, Unreadable):
        return _not_known(kept_out)
    place = Scope(deployment.wish.service, deployment.wish.environment)
    all_of_them = in_its_way(_locks(fact), deployment, now)
    others = in_its_way(_locks(fact), deployment, now, _mended(kept_out))
    if not others:
        spared = tuple(each.id for each in all_of_them)
        return Verdict(NAME, GateState.OPEN, _why_open(fact, place, now, spared), seen=spared)
    owners = ", ".join(dict.fromkeys(name for each in others for name in _who_ends(each, policy)))
    breakers = ", ".join(each.name for each in policy.rights.of(Right.BREAK_LOCK))
    return Verdict(
        NAME,
        GateState.WAITING,
        f"{others[0].owner.name} has locked {others[0].scope}.",
        " ".join(f"{each.owner.name}: {each.story}" for each in others),
        _way_out(others[0], owners, breakers),
        ", ".join(part for part in (owners, breakers) if part),
    )


def _not_known(fact: Unreadable) -> Verdict:
    return Verdict(NAME, GateState.WAITING, "It is not known whether this is locked.", fact.why)


def _way_out(first: Lock, owners: str, breakers: str) -> str:
    ends = f"; {owners} can end it with `/unlock {first.scope.typed}`" if owners else ""
    breaks = f"{',' if ends else ';'} {breakers} can break it" if breakers else ""
    return f"It goes on by itself when it is free{ends}{breaks}.{'' if first.spares is None else FIX}"


def _locks(fact: Known) -> tuple[Lock, ...]:
    if not isinstance(fact.value, Held):
        raise Bug("the fact about locks tells of something else")
    return fact.value.locks


def _mended(fact: Known) -> frozenset[Sha]:
    """The quarantined releases of which this one contains the fix."""
    if not isinstance(fact.value, Quarantined):
        raise Bug("the fact about quarantines tells of something else")
    return frozenset(each.quarantine.sha for each in fact.value.kin if each.bearing is Bearing.MENDED)


def _who_ends(lock: Lock, policy: Policy) -> tuple[str, ...]:
    """Whose it is; the hold after a rollback is for the owners of the service to end."""
    return (lock.owner.name,) if lock.spares is None else tuple(each.name for each in policy.owners)


def _why_open(fact: Known, place: Scope, now: datetime, spared: tuple[str, ...]) -> str:
    if spared:
        return "It mends the release that was rolled back, so the hold after that does not stop it."
    if any(each.spares and each.holds(now) and each.scope.covers(place) for each in _locks(fact)):
        return "The hold after a rollback stops no other rollback."
    own = [each for each in _locks(fact) if each.holds(now) and each.scope.covers(place)]
    return "Who asked for it holds the lock." if own else "Nobody has locked it."


LOCK = Gate(NAME, frozenset({FactKind.LOCKS, FactKind.QUARANTINES}), judge)
