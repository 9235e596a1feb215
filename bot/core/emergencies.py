"""Breaking the glass: a deployment that waits neither for approvals nor for the end of a freeze.

It skips these two and nothing else. Whoever asks needs the right `emergency`, when they ask and when it
starts; that it is an emergency is a part of the request and so of its digest.
"""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.people import is_member
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import Person
from bot.core.verdicts import GateState, Verdict

WHAT_IT_SKIPS = "It waits neither for approvals nor for the end of a freeze. Every other rule holds."


def is_emergency(deployment: Deployment) -> bool:
    """By what the digest stands for; what else is written in the row does not count."""
    return deployment.request is not None and deployment.request.emergency


def may_break_glass(person: Person, policy: Policy) -> bool:
    """Whether this person may; guests and people of other organisations never do."""
    return not person.guest and not person.stranger and is_member(policy.rights.of(Right.EMERGENCY), person)


def skipped(deployment: Deployment, gate: str, what: str) -> Verdict:
    """What a gate says that an emergency passes: by whom, and why."""
    return Verdict(
        gate,
        GateState.OVERRIDDEN,
        f"{what} {deployment.requested_by.name} broke the glass.",
        f"The reason: {deployment.wish.reason}.",
    )
