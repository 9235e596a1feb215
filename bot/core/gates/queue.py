"""One deployment at a time for each service and environment. The slot decides; this gate explains."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment

NAME = "queue"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while nobody else is in flight there."""
    match facts[FactKind.SLOT_HOLDER]:
        case Unreadable(why):
            return Verdict(NAME, GateState.WAITING, "It is not known what is in flight.", why)
        case Known(value=holder) if holder in (0, deployment.number):
            return Verdict(NAME, GateState.OPEN, "Nothing else is in flight here.")
        case Known(value=holder):
            where = f"{deployment.wish.service} in {deployment.wish.environment}"
            return Verdict(
                NAME,
                GateState.WAITING,
                f"Waiting for #{holder}.",
                f"Only one deployment of {where} runs at a time.",
                f"It starts by itself when #{holder} has ended.",
            )


QUEUE = Gate(NAME, frozenset({FactKind.SLOT_HOLDER}), judge)
