"""Every run in a repository of the catalog is followed, whoever started it: read anew, and kept.

A delivery is only a key to look at. While a deployment of ours looks after a run, how it goes is that
one's to write; here it only gets its description, and no call is spent on it twice.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.catalog import Catalog
from bot.core.effects import ShowRun
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.following import (
    KEYS,
    RunChange,
    RunReading,
    RunRecord,
    changes,
    has_ended,
    is_gone,
    pace,
    run_key,
    run_of,
    shown,
)
from bot.core.following_ports import RunReader
from bot.core.gatekeeping import spelled
from bot.core.lifecycle import ENDS, State
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment, Lease
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.values import DeploymentId
from bot.engine import run_tailing
from bot.engine.again import NEVER, Again
from bot.engine.hearing import hear_of_run
from bot.engine.world import World

log = logging.getLogger(__name__)

PREFIX = KEYS
LULL = timedelta(seconds=2)  # what is said of one run in so short a time gives one look
BUSY = timedelta(seconds=30)
REFUSED = timedelta(hours=1)
SOON, LATER = timedelta(seconds=5), timedelta(minutes=1)  # until its deployment has let go of it


def key(ref: RunRef) -> str:
    """The key under which a run is looked at."""
    return run_key(ref)


async def look(world: World, lease: Lease) -> Again:
    """Read it anew, with the attempts that are not on record yet."""
    ref = run_of(lease.key)
    name = spelled(world.catalog(), ref.provider, ref.repository)
    provider = world.providers.get(ref.provider)
    if name is None or provider is None or provider.runs is None:
        return NEVER
    ref = replace(ref, repository=name)
    known = await world.runs.attempts(lease.workspace, ref)
    try:
        return await _follow(world, lease, provider.runs, ref, known)
    except Transient as error:
        log.info("run %s of %s can't be read: %s", ref.external_id, name, error.why)
        return Again(timedelta(seconds=error.retry_after) if error.retry_after else BUSY)
    except (NeedsHuman, UserError) as error:
        log.warning("run %s of %s can't be followed: %s", ref.external_id, name, error)
        return Again(REFUSED) if known and not known[-1].is_over else NEVER


async def _follow(
    world: World, lease: Lease, reader: RunReader, ref: RunRef, known: tuple[RunRecord, ...]
) -> Again:
    last = known[-1] if known else None
    owners = await world.watch.of_run(lease.workspace, ref)
    if last is not None and last.about is not None and _looked_after(owners, last.run.attempt):
        age = await world.watch.now() - (last.run.started_at or last.observed_at)
        return Again(min(LATER, max(SOON, age / 10)))
    settled = frozenset(each.run.attempt for each in known if each.is_settled)
    at = await world.watch.now()
    readings = await reader.read(ref, settled)
    if readings is None:
        return await _missing(world, lease, last, at) if last is not None else NEVER
    if not readings:
        return NEVER
    return await _record(world, lease, readings, at, tuple(each.id for each in owners))


async def _record(
    world: World,
    lease: Lease,
    readings: tuple[RunReading, ...],
    at: datetime,
    owners: tuple[DeploymentId, ...],
) -> Again:
    """All in one commit, each attempt by itself."""
    newest = False
    async with world.units.begin(lease.workspace, Step.FOLLOW_RUN, lease=lease) as uow:
        mine = [await uow.deployments.get(id) for id in owners]
        for reading in readings:
            newest = await _keep(world.catalog(), uow, reading, at, mine)
    last = readings[-1].run
    if not newest:
        return Again(SOON)  # somebody else has read it later, or has not ended with it yet
    return NEVER if has_ended(last) else Again(pace(at - (last.started_at or at)))


async def _keep(
    catalog: Catalog, uow: UnitOfWork, reading: RunReading, at: datetime, mine: list[Deployment]
) -> bool:
    run = reading.run
    before = await uow.runs.last(run.ref, run.attempt)
    await uow.runs.describe(reading, at)
    if _looked_after(mine, run.attempt):
        return False
    if not await uow.runs.keep(reading, at, [each.id for each in mine]):
        return False
    now = await uow.runs.last(run.ref, run.attempt)
    if now is not None:
        await _tell(catalog, uow, before, now)
    return True


async def _tell(catalog: Catalog, uow: UnitOfWork, before: RunRecord | None, now: RunRecord) -> None:
    """What people may want to hear of; a run of a deployment is told by that. Cards that stand follow."""
    if now.deployment is not None or before is None or shown(before) != shown(now):
        await uow.show(ShowRun(now.run.ref))
    if now.deployment is not None:
        return
    previous = await uow.runs.previous(now) if now.is_over else None
    if found := changes(before, now, previous):
        await uow.runs.tell(now, found)
        if RunChange.FAILED in await hear_of_run(catalog, uow, now, found):
            await run_tailing.watch(uow, now.run)


async def _missing(world: World, lease: Lease, last: RunRecord, at: datetime) -> Again:
    """Not shown at the moment, or gone for good; what has ended may be deleted there, and stays here."""
    if last.is_over:
        return NEVER
    gone = is_gone(last, at)
    run = last.run
    async with world.units.begin(lease.workspace, Step.FOLLOW_RUN, lease=lease) as uow:
        before = await uow.runs.last(run.ref, run.attempt)
        await uow.runs.miss(run.ref, run.attempt, gone=gone)
        now = await uow.runs.last(run.ref, run.attempt)
        if gone and now is not None:
            await _tell(world.catalog(), uow, before, now)
    return NEVER if gone else Again(LATER)


def _looked_after(deployments: tuple[Deployment, ...] | list[Deployment], attempt: int) -> bool:
    """Whether one of ours reads this attempt by itself, and decides by what it had read of it before."""
    return any(
        each.run is not None
        and each.run.attempt == attempt
        and (each.state not in ENDS or (each.state is State.BYPASSED and each.landed_at is None))
        for each in deployments
    )
