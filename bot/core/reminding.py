"""When those who can decide are asked once more."""

from __future__ import annotations

from datetime import datetime

from bot.core.gates.approvals import awaits_votes
from bot.core.records import Deployment


def half_over(deployment: Deployment, now: datetime) -> bool:
    """Whether half of the time that people have to decide has passed; never where nothing ends it."""
    until = deployment.request.expires_at if deployment.request else None
    return until is not None and now >= deployment.created_at + (until - deployment.created_at) / 2


def reminder_due(deployment: Deployment, now: datetime) -> bool:
    """Whether they are to be asked now: once, and only while their word is still wanted."""
    return deployment.reminded_at is None and awaits_votes(deployment) and half_over(deployment, now)
