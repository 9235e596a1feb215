"""What somebody has locked waits for them: the owner of a lock may deploy there, and nobody else.

A lock that is past its end is none, so no gate waits for anybody to sweep it away. A deployment in an
emergency waits as well: whoever may break locks breaks it first, and its owner is told.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.locks import Held, Lock, Scope, against
from bot.core.records import Deployment
from bot.core.rules import Right

NAME = "lock"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:
    """Open while no lock of somebody else covers the place."""
    fact = facts[FactKind.LOCKS]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It is not known whether this is locked.", fact.why)
    place = Scope(deployment.wish.service, deployment.wish.environment)
    others = against(_locks(fact), deployment.requested_by, place, now)
    if not others:
        return Verdict(NAME, GateState.OPEN, _why_open(fact, place, now))
    owners = ", ".join(dict.fromkeys(each.owner.name for each in others))
    breakers = ", ".join(each.name for each in policy.rights.of(Right.BREAK_LOCK))
    return Verdict(
        NAME,
        GateState.WAITING,
        f"{others[0].owner.name} has locked {others[0].scope}.",
        " ".join(f"{each.owner.name}: {each.story}" for each in others),
        f"It goes on by itself when it is free; {owners} can end it with "
        f"`/unlock {others[0].scope.typed}`{f', {breakers} can break it' if breakers else ''}.",
        ", ".join(part for part in (owners, breakers) if part),
    )


def _locks(fact: Known) -> tuple[Lock, ...]:
    if not isinstance(fact.value, Held):
        raise Bug("the fact about locks tells of something else")
    return fact.value.locks


def _why_open(fact: Known, place: Scope, now: datetime) -> str:
    own = [each for each in _locks(fact) if each.holds(now) and each.scope.covers(place)]
    return "Who asked for it holds the lock." if own else "Nobody has locked it."


LOCK = Gate(NAME, frozenset({FactKind.LOCKS}), judge)
