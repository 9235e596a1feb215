"""A release that fails its verification goes back by itself, where the catalog says so, and never blindly.

The rollback is made in the very commit that says that the release failed, so there is exactly one. It is due
a little later, so that somebody can stop it; then every gate is asked, and one that is closed ends it: a
person decides from there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.accepting import by_default
from bot.core.catalog import Policy
from bot.core.due import Due
from bot.core.durations import format_duration
from bot.core.gates.queue import QUEUE
from bot.core.pipelines import Start
from bot.core.policy_version import asked_under
from bot.core.records import Deployment, NewDeployment, Wish
from bot.core.restorable import Restorable
from bot.core.rolling_back import of_rollback
from bot.core.targets import Arrival
from bot.core.values import HURRIES, SLIPWAY, Action, Kind, Origin
from bot.core.verdicts import Verdict, passes

PAUSE = timedelta(seconds=30)
LONGEST_WHY = 300


def falls_back(deployment: Deployment) -> bool:
    """Never twice in a row, and never an emergency: whoever broke the glass is there and looks."""
    policy = asked_under(deployment)
    if policy is None or not policy.rollback.automatic:
        return False
    return deployment.wish.kind not in HURRIES and not deployment.wish.emergency


def needs_people(policy: Policy) -> bool:
    """Whether going back here can't begin by itself: somebody approves it, or pushes so that a run waits."""
    plan = of_rollback(policy)
    waits = plan.pipeline is not None and plan.pipeline.start is Start.GATE
    return waits or bool(plan.approvals.rules)


def is_automatic(deployment: Deployment) -> bool:
    """Whether nobody asked for it but the catalog."""
    return deployment.origin is Origin.AUTOMATIC and deployment.wish.kind is Kind.ROLLBACK


def rollback_of(
    failed: Deployment, target: Arrival, restores: Restorable | None, why: str, now: datetime
) -> NewDeployment:
    """Told where the release that failed is told."""
    wish, policy = failed.wish, asked_under(failed)
    pipeline = of_rollback(policy).pipeline if policy else None
    back = Wish(
        kind=Kind.ROLLBACK,
        service=wish.service,
        environment=wish.environment,
        ref=target.reference,
        inputs=by_default(pipeline) if pipeline else (),
        reason=f"#{failed.number} failed its verification. {why}"[:LONGEST_WHY],
        due=Due(now + PAUSE, "UTC"),
        restores=restores,
    )
    return NewDeployment(
        wish=back,
        origin=Origin.AUTOMATIC,
        action=Action.DISPATCH,
        requested_by=SLIPWAY,
        place=failed.place,
        channel=failed.channel,
        planned=False,
        undoes=failed.id,
    )


def announced(number: int, target: Arrival) -> str:
    """What a person can do about it, on the card of what failed."""
    after = format_duration(PAUSE)
    return f"It goes back to {target.named} by itself in {after}: #{number}. Cancel that, if it shall not."


def beforehand(deployment: Deployment) -> str:
    """What the card says while it can still be thought about; empty where it would not."""
    policy = asked_under(deployment)
    if not falls_back(deployment) or policy is None or not policy.verify or needs_people(policy):
        return ""
    return "If it fails its verification, it goes back by itself."


def stopped_by(verdicts: tuple[Verdict, ...]) -> Verdict | None:
    """The gate that ends an automatic rollback; its turn is all that it waits for."""
    return next((each for each in verdicts if not passes(each) and each.gate != QUEUE.name), None)
