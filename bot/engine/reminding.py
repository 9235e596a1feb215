"""Asks those who can decide once more, in the commit of the look that found it late."""

from __future__ import annotations

from dataclasses import replace

from bot.core.effects import Announce, Announcement
from bot.core.events import DecisionReminded
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.reminding import reminder_due
from bot.core.values import SLIPWAY


async def remind(uow: UnitOfWork, deployment: Deployment) -> Deployment:
    """That it was done is kept with the row, so nobody who looks later does it again."""
    if not reminder_due(deployment, uow.now):
        return deployment
    kept = await uow.deployments.save(replace(deployment, reminded_at=uow.now))
    await uow.record(DecisionReminded(kept.id, kept.number), SLIPWAY)
    await uow.show(Announce(kept.id, Announcement.REMINDER))
    return kept
