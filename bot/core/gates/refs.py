"""Which references may go to an environment, and which branches must contain the release."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase

from bot.core.catalog import Policy
from bot.core.code import RefKind
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment

NAME = "references"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """The name must match one of `refs`; a bare commit must be on a branch that `refs` admits."""
    resolution = deployment.resolution
    if resolution is None:
        raise Bug("a gate was asked about a request that is not resolved")
    if resolution.ref_kind is not RefKind.COMMIT and not admits(policy, resolution.ref_name):
        return _refused(
            f"“{resolution.ref_name}” may not go to {deployment.wish.environment}.",
            f"It takes {', '.join(policy.refs)}.",
        )
    match facts[FactKind.REACHABLE]:
        case Unreadable(why):
            return Verdict(NAME, GateState.WAITING, "It can't be read where the release comes from.", why)
        case Known(value=True):
            return Verdict(NAME, GateState.OPEN, "The release is where it must come from.")
        case Known():
            branches = ", ".join(must_contain(policy)) or "a branch or tag of the repository itself"
            return _refused("The release is not where it must come from.", f"It must be on {branches}.")


def admits(policy: Policy, name: str) -> bool:
    """Whether one of the patterns fits."""
    return any(fnmatchcase(name, pattern) for pattern in policy.refs)


def must_contain(policy: Policy) -> tuple[str, ...]:
    """The branches one of which must contain the release; none: any of the repository's own."""
    return policy.reachable_from


def _refused(what: str, why: str) -> Verdict:
    return Verdict(NAME, GateState.REFUSED, what, why, "Name another reference, or merge this one first.")


REFS = Gate(NAME, frozenset({FactKind.REACHABLE}), judge)
