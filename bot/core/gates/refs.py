"""Which references may go to an environment, and which branches must contain the release."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase

from bot.core.catalog import Policy, Tier
from bot.core.code import RefKind
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment
from bot.core.values import Kind

NAME = "references"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """The name must match one of `refs`; a bare commit must be on a branch that `refs` admits."""
    resolution = deployment.resolution
    if resolution is None:
        raise Bug("a gate was asked about a request that is not resolved")
    if deployment.wish.kind is Kind.RESTORE:
        return Verdict(NAME, GateState.OPEN, "No release comes or goes.")
    goes_back = deployment.wish.kind is Kind.ROLLBACK  # its name may mean something else by now
    if (
        not goes_back
        and resolution.ref_kind is not RefKind.COMMIT
        and not admits(policy, resolution.ref_name)
    ):
        return _refused(
            f"“{resolution.ref_name}” may not go to {deployment.wish.environment}.",
            f"It takes {', '.join(policy.refs)}.",
        )
    match facts[FactKind.REACHABLE]:
        case Unreadable(why):
            return Verdict(
                NAME,
                GateState.WAITING,
                "It can't be read where the release comes from.",
                why,
                "It is read again every minute. If it stays so, run `slipway doctor`.",
                "whoever looks after Slipway's access to the code host",
            )
        case Known(value=True) if goes_back:
            return Verdict(NAME, GateState.OPEN, "The release ran here before, and was verified.")
        case Known() if goes_back:
            return Verdict(
                NAME,
                GateState.REFUSED,
                "The release is nothing to go back to.",
                f"It was never verified in {deployment.wish.environment}, or was rolled back since.",
                "Ask again: `/rollback` shows what there is.",
            )
        case Known(value=True):
            return Verdict(NAME, GateState.OPEN, "The release is where it must come from.")
        case Known():
            wanted = must_contain(policy, resolution.ref_kind, "the default branch")
            branches = ", ".join(wanted) or "a branch or tag of the repository itself"
            return _refused("The release is not where it must come from.", f"It must be on {branches}.")


def admits(policy: Policy, name: str) -> bool:
    """Whether one of the patterns fits."""
    return any(fnmatchcase(name, pattern) for pattern in policy.refs)


def must_contain(policy: Policy, kind: RefKind, default_branch: str) -> tuple[str, ...]:
    """The branches one of which must contain the release; none: any branch or tag of the repository's own.

    A bare commit has no name to hold against `refs`, so it must be on a branch that `refs` admits.
    """
    if policy.reachable_from:
        return policy.reachable_from
    if policy.tier is Tier.PRODUCTION:
        return (default_branch,)
    if kind is RefKind.COMMIT and "*" not in policy.refs:
        return policy.refs
    return ()


def _refused(what: str, why: str) -> Verdict:
    return Verdict(NAME, GateState.REFUSED, what, why, "Name another reference, or merge this one first.")


REFS = Gate(NAME, frozenset({FactKind.REACHABLE}), judge)
