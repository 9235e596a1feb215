"""The people who must agree: enough of the right ones, and nobody who has a hand in it."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.emergencies import is_emergency, skipped
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment
from bot.core.voting import (
    MORE_PEOPLE,
    OPEN_TO_VOTES,
    Left,
    Voters,
    approved_by,
    closed_by_authors,
    compares_accounts,
    names,
    unfilled,
    wanted,
)

NAME = "approvals"
NAMED = 5  # of those who can still approve


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
    short = _short(people.left)
    return Verdict(
        NAME,
        GateState.WAITING,
        f"Waiting for {wanted(missing)}.",
        " ".join(each for each in (_uncounted(people), short) if each),
        MORE_PEOPLE if short else "It goes on by itself when they have approved.",
        who=names(tuple(each for rule in missing for each in rule.voters)),
        left=_left(people.left, linking=compares_accounts(deployment, policy)),
    )


def _people(fact: Known) -> Voters:
    return fact.value if isinstance(fact.value, Voters) else Voters()


def _uncounted(people: Voters) -> str:
    said = [f"{', '.join(people.unread)} can't be read now."] if people.unread else []
    said += [f"{', '.join(people.barred)} may not write to the repository."] if people.barred else []
    return " ".join(said)


def _short(left: tuple[Left, ...]) -> str:
    """People leave while it waits: what surely can't be given any more."""
    rules = tuple(each.rule for each in left if each.whole)
    missing = unfilled(rules, [person for each in left if each.whole for person in each.people])
    return f"Too few are left who could: {wanted(missing)} can't be had any more." if missing else ""


def _left(left: tuple[Left, ...], *, linking: bool) -> str:
    """By name; of several rules, which of them each could fill."""
    known = [each for each in left if each.people]
    if not known:
        return ""
    said = [
        _some(each, linking=linking) + (f" (for {names(each.rule.voters)})" if len(left) > 1 else "")
        for each in known
    ]
    among = "" if all(each.whole for each in known) else "Among those who can still approve"
    return f"{among or 'Can still approve'}: {'; '.join(said)}."


def _some(left: Left, *, linking: bool) -> str:
    people = left.people[:NAMED]
    named = [each.name + (" (not linked yet)" if linking and each.login is None else "") for each in people]
    more = len(left.people) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def waits_for_people(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether somebody can decide now."""
    return any(each.gate == NAME and each.state is GateState.WAITING for each in verdicts)


def awaits_votes(deployment: Deployment) -> bool:
    """Whether people can decide now."""
    return deployment.state in OPEN_TO_VOTES and waits_for_people(deployment.verdicts)


APPROVALS = Gate(NAME, frozenset({FactKind.VOTERS}), judge)
