"""What follows a rollback that was verified; pure decisions."""

from __future__ import annotations

from datetime import timedelta

from bot.core.code import RefKind
from bot.core.failures import Failure, FailureSource
from bot.core.intents import PutQuarantine
from bot.core.locks import Scope
from bot.core.mending import CONTAINS
from bot.core.policy_version import asked_under
from bot.core.records import Deployment


def kept_out_after(back: Deployment, undone: Deployment) -> PutQuarantine | None:
    """The release that left, out of every environment of its service: elsewhere it does no better.

    What came back is never kept out: nor is what it is made of, or all that is newer would be.
    """
    left, returned = undone.resolution, back.resolution
    if left is None or returned is None or left.release.sha == returned.release.sha:
        return None
    if returned.direction in CONTAINS:
        return None
    name = left.ref_name if left.ref_kind is RefKind.TAG else left.release.sha
    said = f": {back.wish.reason}" if back.wish.reason else ""
    return PutQuarantine(
        Scope(undone.wish.service), left.release.sha, name, f"rolled back by #{back.number}{said}"
    )


def held_for(back: Deployment) -> timedelta | None:
    """By the policy that it was asked under."""
    policy = asked_under(back)
    return policy.rollback.hold if policy else None


def failure_of(back: Deployment, undone: Deployment) -> Failure:
    """Somebody takes this release away, so it did badly, from the moment on that it was there."""
    wish = undone.wish
    began = undone.landed_at or undone.ended_at or undone.created_at
    why = back.wish.reason or f"#{back.number} takes it away."
    return Failure(wish.service, wish.environment, undone.id, FailureSource.ROLLBACK, undone.id, why, began)
