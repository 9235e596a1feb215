"""Asks for deliveries again that were lost while we were away: GitHub never repeats one by itself.

What became of runs is read anew in any case; but a call to answer a gate is only heard if it comes.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core import redelivery
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.ports import UnitOfWork
from bot.core.records import Lease
from bot.core.redelivery import Deliveries, Tried, Webhook
from bot.core.resync import OVERLAP, Mark
from bot.core.steps import Step
from bot.engine.again import NEVER, Again
from bot.engine.world import World

log = logging.getLogger(__name__)

PREFIX = "deliveries/"
JOB = "redelivery"
REFUSED = "refused"  # in place of the ETag: that was said in the log, once


def key(provider: str) -> str:
    """The key under which the provider's memory is looked through."""
    return f"{PREFIX}{provider}"


async def look(world: World, lease: Lease) -> Again:
    """What was missed since the last look, a few at a time."""
    provider = world.providers.get(lease.key.removeprefix(PREFIX))
    deliveries = provider.deliveries if provider else None
    if deliveries is None or not world.hook_address:
        return NEVER
    now = await world.watch.now()
    mark = await world.runs.mark(lease.workspace, lease.key) or await _note(world, lease, Mark(now, now))
    since = max(mark.since, now - redelivery.BACK)
    try:
        left = await _ask(world, lease, deliveries, since, now)
    except Transient as error:
        log.info("what GitHub could not deliver can't be read: %s", error.why)
        return Again(timedelta(seconds=error.retry_after) if error.retry_after else redelivery.AGAIN)
    except (NeedsHuman, UserError) as error:
        if mark.etag != REFUSED:
            log.warning("what GitHub could not deliver can't be asked for again: %s", error)
        await _note(world, lease, Mark(since, now, REFUSED))
        return Again(redelivery.EVERY)
    await _note(world, lease, Mark(since if left else max(since, now - OVERLAP), now))
    return Again(redelivery.AGAIN if left else redelivery.EVERY)


async def _ask(world: World, lease: Lease, deliveries: Deliveries, since: datetime, now: datetime) -> bool:
    """Whether some are left for the next look."""
    missed: list[tuple[Webhook, Tried]] = []
    for webhook in await deliveries.webhooks(_repositories(world), world.hook_address):
        tried = redelivery.doubtful(await deliveries.tried(webhook, since), since, now)
        heard = await world.heard.heard(lease.workspace, [each.guid for each in tried])
        missed += [(webhook, each) for each in redelivery.missed(tried, heard)]
    missed.sort(key=lambda each: each[1].at)
    asked = 0
    for webhook, each in missed:
        if asked == redelivery.MOST:
            return True
        if await _mark(world, lease, each):
            await deliveries.again(webhook, each.id)
            asked += 1
    if asked:
        log.info("%s deliveries that never came were asked for again", asked)
    return False


async def _mark(world: World, lease: Lease, tried: Tried) -> bool:
    """Write it down before the call; whether it may be made."""
    async with world.units.begin(lease.workspace, Step.ASK_FOR_DELIVERY, lease=lease) as uow:
        return await _has_turn(uow, tried.guid)


async def _has_turn(uow: UnitOfWork, guid: str) -> bool:
    for number in range(1, redelivery.TRIES + 1):
        if await uow.turns.take(JOB, f"{guid}/{number}"):
            return True
    return False


async def _note(world: World, lease: Lease, mark: Mark) -> Mark:
    async with world.units.begin(lease.workspace, Step.ASK_FOR_DELIVERY, lease=lease) as uow:
        await uow.marks.put(lease.key, mark)
    return mark


def _repositories(world: World) -> Sequence[str]:
    known = [each.repository for each in world.catalog().services]
    return tuple(dict.fromkeys(each.full_name for each in known if each.provider == redelivery.PROVIDER))
