"""One deployment at a time for each service and environment, in the order in which they were asked for.

The slot decides that two never run at once; this gate keeps the order, and explains.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment

NAME = "queue"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while nobody else is in flight there, and nobody has waited longer."""
    match facts[FactKind.AHEAD]:
        case Unreadable(why):
            return Verdict(NAME, GateState.WAITING, "It is not known what is in flight.", why)
        case Known(value=ahead) if ahead in (0, deployment.number):
            return Verdict(NAME, GateState.OPEN, "Nothing else is ahead here.")
        case Known(value=ahead):
            where = f"{deployment.wish.service} in {deployment.wish.environment}"
            return Verdict(
                NAME,
                GateState.WAITING,
                f"Waiting for #{ahead}.",
                f"Only one deployment of {where} runs at a time, in the order they were asked for.",
                f"It starts by itself when #{ahead} has ended.",
            )


QUEUE = Gate(NAME, frozenset({FactKind.AHEAD}), judge)
