"""What must be ticked before it starts. Items that tick themselves are held by gates of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Unreadable, Verdict, people_in
from bot.core.overrides import Overridable
from bot.core.passing import how_to_pass, passed_by
from bot.core.policy_version import fingerprint
from bot.core.records import Deployment
from bot.core.ticking import counted, given, texts, tickers
from bot.core.values import Person
from bot.core.voting import names

NAME = "checklist"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open when each item was ticked on this very request, by somebody who may."""
    ticked, passed = facts[FactKind.TICKERS], facts[FactKind.LIFTERS]
    for fact in (ticked, passed):
        if isinstance(fact, Unreadable):
            return Verdict(NAME, GateState.WAITING, "It can't be read who ticked the checklist.", fact.why)
    items = texts(policy.checklist.before)
    done = counted(deployment, policy, people_in(ticked))
    missing = tuple(each for each in items if each not in done)
    found = _judged(deployment, policy, items, missing, people_in(passed))
    return replace(found, items=policy.checklist.before)


def _judged(
    deployment: Deployment,
    policy: Policy,
    items: Sequence[str],
    missing: Sequence[str],
    people: tuple[Person, ...],
) -> Verdict:
    if not items:
        return Verdict(NAME, GateState.OPEN, "Nothing has to be ticked.")
    if not missing:
        return Verdict(NAME, GateState.OPEN, f"Ticked: {_listed(items)}.")
    part = fingerprint(policy.checklist.before)
    word = passed_by(Overridable.CHECKLIST, part, policy, deployment, people)
    if word is not None:
        what = f"Not ticked: {_listed(missing)}. {word.name} let this one pass."
        return Verdict(NAME, GateState.OVERRIDDEN, what, f"The reason: {word.reason}.")
    who = names(tickers(policy))
    override = how_to_pass(Overridable.CHECKLIST, policy, deployment)
    return Verdict(
        NAME,
        GateState.WAITING,
        f"Not ticked yet: {_listed(missing)}.",
        _uncounted(deployment, missing),
        f"Somebody of {who} ticks it on the card; then it goes on by itself. {override}".strip(),
        who,
        held=(part,),
    )


def _uncounted(deployment: Deployment, missing: Sequence[str]) -> str:
    """Ticks that stand on the card and open nothing."""
    ticks = [tick for item, tick in given(deployment).items() if item in missing]
    said = [
        f"{each.name} may not tick here any more, so “{each.item}” has to be ticked anew." for each in ticks
    ]
    return " ".join(said)


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items)


CHECKLIST = Gate(NAME, frozenset({FactKind.TICKERS, FactKind.LIFTERS}), judge)
