"""The people who must agree: enough of the right ones, and nobody who has a hand in it."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.emergencies import is_emergency, skipped
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment
from bot.core.voting import OPEN_TO_VOTES, Voters, approved_by, closed_by_authors, names, unfilled, wanted

NAME = "approvals"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:
    """Open when every rule is filled by people who may still decide, as they are known now."""
    if is_emergency(deployment) and policy.approvals.rules:
        return skipped(deployment, NAME, "Nobody has approved it.")
    fact = facts[FactKind.VOTERS]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It can't be read who approved it.", fact.why)
    approvals = policy.approvals
    if not approvals.rules:
        return Verdict(NAME, GateState.OPEN, "Nobody has to approve it.")
    closed = closed_by_authors(deployment, policy)
    if closed is not None:
        why, next_step = closed
        return Verdict(NAME, GateState.REFUSED, "It can't be approved.", why, next_step)
    people = _people(fact)
    agreed = approved_by(deployment, policy, people, now)
    missing = unfilled(approvals.rules, agreed)
    if not missing:
        by = ", ".join(person.name for person in agreed)
        return Verdict(NAME, GateState.OPEN, f"Approved by {by}.")
    return Verdict(
        NAME,
        GateState.WAITING,
        f"Waiting for {wanted(missing)}.",
        _uncounted(people),
        "It starts by itself when they have approved.",
        who=names(tuple(each for rule in missing for each in rule.voters)),
    )


def _people(fact: Known) -> Voters:
    return fact.value if isinstance(fact.value, Voters) else Voters()


def _uncounted(people: Voters) -> str:
    said = [f"{', '.join(people.unread)} can't be read now."] if people.unread else []
    said += [f"{', '.join(people.barred)} may not write to the repository."] if people.barred else []
    return " ".join(said)


def waits_for_people(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether somebody can decide now."""
    return any(each.gate == NAME and each.state is GateState.WAITING for each in verdicts)


def awaits_votes(deployment: Deployment) -> bool:
    """Whether people can decide now."""
    return deployment.state in OPEN_TO_VOTES and waits_for_people(deployment.verdicts)


APPROVALS = Gate(NAME, frozenset({FactKind.VOTERS}), judge)
