"""A release that was put into quarantine does not return: until it is lifted, or one deployment let pass."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict, people_in
from bot.core.overrides import Overridable
from bot.core.passing import how_to_pass, passed_by
from bot.core.quarantine import Quarantine, Quarantined, against
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.voting import names

NAME = "quarantine"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while none covers it, or each was overridden for this very request."""
    kept, passed = facts[FactKind.QUARANTINES], facts[FactKind.LIFTERS]
    for fact in (kept, passed):
        if isinstance(fact, Unreadable):
            return Verdict(NAME, GateState.WAITING, "It can't be read what is quarantined.", fact.why)
    holding = against(_releases(kept), deployment)
    if not holding:
        return Verdict(NAME, GateState.OPEN, "This release is not quarantined.")
    people = people_in(passed)
    words = {
        each.id: passed_by(Overridable.QUARANTINE, each.id, policy, deployment, people) for each in holding
    }
    closed = tuple(each for each in holding if words[each.id] is None)
    if closed:
        return _closed(deployment, policy, closed)
    given = [word for word in words.values() if word is not None]
    by = " and ".join(dict.fromkeys(word.name for word in given))
    why = f"The reason: {'; '.join(dict.fromkeys(word.reason for word in given))}."
    return Verdict(NAME, GateState.OVERRIDDEN, f"{_what(holding)} {by} let this one pass.", why)


def _closed(deployment: Deployment, policy: Policy, closed: tuple[Quarantine, ...]) -> Verdict:
    override = how_to_pass(Overridable.QUARANTINE, policy, deployment)
    lift = f"If it is fine after all, its owners lift it: `/quarantine {closed[0].typed} lift because ...`."
    return Verdict(
        NAME,
        GateState.WAITING,
        _what(closed),
        " ".join(each.story for each in closed),
        f"Ask for a release that mends it. {lift} {override}".strip(),
        names((*policy.owners, *policy.rights.of(Right.OVERRIDE_QUARANTINE))),
        held=tuple(each.id for each in closed),
    )


def _what(held: tuple[Quarantine, ...]) -> str:
    return f"{held[0].named} is quarantined: {' and '.join(str(each.scope) for each in held)}."


def _releases(fact: Known | Unreadable) -> tuple[Quarantine, ...]:
    return fact.value.releases if isinstance(fact, Known) and isinstance(fact.value, Quarantined) else ()


QUARANTINE = Gate(NAME, frozenset({FactKind.QUARANTINES, FactKind.LIFTERS}), judge)
