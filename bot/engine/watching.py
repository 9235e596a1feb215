"""Tells somebody, once, that a deployment takes suspiciously long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.barks import Watchdog
from bot.core.effects import Announce, Announcement
from bot.core.records import Deployment, Lease
from bot.core.runs import Run
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.core.watchdog_events import WatchdogBarked
from bot.core.watchdogs import LATELY, barks, may_be_stuck, usual
from bot.engine.world import World

_SAID = {
    Watchdog.NOTHING_STARTED: Announcement.NOTHING_STARTED,
    Watchdog.STUCK: Announcement.STUCK,
}


async def watch(world: World, lease: Lease, deployment: Deployment, run: Run | None, now: datetime) -> bool:
    """Whether anybody was told; what is usual is looked up only where it takes long."""
    usually = None
    if may_be_stuck(deployment, run, now):
        wish = deployment.wish
        past = await world.queries.recent(deployment.workspace, wish.service, wish.environment, LATELY)
        usually = usual(each for each in past if each.wish.kind is wish.kind)
    bark = barks(deployment, run, usually, now)
    if bark is None:
        return False
    async with world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return False
        told = await uow.deployments.save(replace(fresh, barks=(*fresh.barks, bark)))
        await uow.record(WatchdogBarked(told.id, told.number, bark.dog, bark.why), SLIPWAY)
        await uow.show(Announce(told.id, _SAID[bark.dog]))
    return True
