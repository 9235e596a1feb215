"""Rules of the catalog that no gate can judge yet keep an environment closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gatekeeping import misfit
from bot.core.gates.model import Facts, Gate, GateState, Verdict
from bot.core.pipelines import Pin, Start
from bot.core.records import Deployment
from bot.core.rollout import ByPipeline
from bot.core.rules import AutomaticItem, AutoTick, Exclusion

NAME = "rules"
STARTS = frozenset({Start.DISPATCH, Start.GATE, Start.TAG})
UNKNOWN_AFTER = frozenset({AutomaticItem.BACKUP})
UNKNOWN_BEFORE = UNKNOWN_AFTER | {AutomaticItem.VERIFY}  # nothing is verified before it starts


def _excludes_pushers(policy: Policy) -> bool:
    """No code host says for sure, and for long enough, who pushed a commit."""
    return bool(policy.approvals.rules) and Exclusion.PUSHERS in policy.approvals.exclude


def _ticks_unjudged(policy: Policy) -> bool:
    before, after = policy.checklist.before, policy.checklist.after
    asked = [(each, UNKNOWN_BEFORE) for each in before] + [(each, UNKNOWN_AFTER) for each in after]
    return any(isinstance(each, AutoTick) and each.item in unknown for each, unknown in asked)


def _pins_without_gate(policy: Policy) -> bool:
    pipeline = policy.pipeline
    return pipeline is not None and pipeline.pin is Pin.GATE and pipeline.start is not Start.GATE


UNJUDGED: tuple[tuple[str, Callable[[Policy], bool]], ...] = (
    ("approvals without pushers", _excludes_pushers),
    ("checklist items for backups, or for verifications before the start", _ticks_unjudged),
    ("strategy", lambda policy: not isinstance(policy.strategy, ByPipeline)),
    ("backup", lambda policy: policy.backup is not None),
    ("start", lambda policy: policy.pipeline is not None and policy.pipeline.start not in STARTS),
    ("pin", _pins_without_gate),
)


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Refused when the policy asks for something this version cannot hold it to."""
    names = [name for name, asks in UNJUDGED if asks(policy)]
    unfit = misfit(deployment, policy)
    if not names and unfit is not None:
        return Verdict(NAME, GateState.REFUSED, *unfit)
    if not names:
        return Verdict(NAME, GateState.OPEN, "Every rule of this environment can be judged.")
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"{deployment.wish.environment} asks for {', '.join(names)}.",
        "This version of Slipway can't hold a deployment to that yet, so it stays closed.",
        "Deploy to an environment without these rules, or wait for the version that has them.",
    )


UNKNOWN_RULES = Gate(NAME, frozenset(), judge)
