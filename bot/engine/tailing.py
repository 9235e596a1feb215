"""Says once, in the thread of its card, what a deployment's run wrote when it failed.

A key of its own, so that neither the failure nor what goes back because of it waits for a log. What was read
is kept in nothing but the reply that says it; turn and reply are one commit, so a crash repeats a reading at
most.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from bot.core.effects import Announce, Announcement
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.lifecycle import State
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment, Lease
from bot.core.runs import Run, RunStatus
from bot.core.steps import Step
from bot.core.tails import KEYS, FailedJob, Tail, again_after, tail_of
from bot.core.values import DeploymentId
from bot.engine.again import NEVER, Again
from bot.engine.world import World

log = logging.getLogger(__name__)

PREFIX = KEYS
DELAY = timedelta(seconds=2)  # after the end; a provider writes the last of a log down a moment later
LULL = timedelta(seconds=3)  # while others have the places, or a release is on its way out
ON_ITS_WAY = frozenset({State.REQUESTED, State.READY, State.DISPATCHING})


async def watch(uow: UnitOfWork, deployment: Deployment) -> None:
    """In the commit of the failure: want a look, where it was the run that failed."""
    run = deployment.run
    if deployment.state is State.FAILED and run is not None and run.status is RunStatus.FAILURE:
        await uow.work.want(f"{PREFIX}{deployment.id}", uow.now + DELAY)


async def look(world: World, lease: Lease) -> Again:
    """Read it, say it, and never again."""
    id = DeploymentId(lease.key.removeprefix(PREFIX))
    deployment = await world.queries.deployment_by_id(lease.workspace, id)
    if deployment is None or deployment.run is None or not _wanted(world, deployment):
        return NEVER
    pause = again_after(await world.watch.now() - (deployment.ended_at or deployment.updated_at))
    if pause is not None and await _others_first(world, deployment):
        return Again(LULL)
    tail = await read_aside(world, deployment.run, pause)
    if isinstance(tail, Again):
        return tail
    await _say(world, lease, deployment, tail)
    return NEVER


async def read_aside(world: World, run: Run, pause: timedelta | None) -> Tail | Again:
    """What it wrote, if it is this one's turn; else when to look again: never, where there is nothing to say.

    Without a pause it is the last try.
    """
    if not world.aside.enter():
        return Again(LULL)
    try:
        return await read_tail(world, run, last=pause is None) or NEVER
    except Transient as error:
        log.info("what %s wrote can't be read: %s", run.ref, error.why)
        return Again(pause)
    finally:
        world.aside.leave()


async def read_tail(world: World, run: Run, job: str = "", *, last: bool = False) -> Tail | None:
    """What the failed job of a run wrote, or the one of this name; None where there is nothing to say.

    Whose provider does not answer is Transient; with `last` there is less to say instead.
    """
    provider = world.providers.get(run.ref.provider)
    if provider is None or provider.logs is None:
        return None
    found: FailedJob | None = None
    results: tuple[bytes, ...] = ()
    try:
        found = await provider.logs.failed_job(run.ref, run.attempt, job)
    except (Transient, UserError, NeedsHuman) as error:
        _let_go(run, error, last=last)
    try:
        results = await provider.logs.results(run.ref, run.started_at)
    except (Transient, UserError, NeedsHuman) as error:
        _let_go(run, error, last=last)
    # Half a megabyte of others' words must not hold up everybody else.
    return await asyncio.to_thread(tail_of, found, results, world.redactor)


def _let_go(run: Run, error: Transient | UserError | NeedsHuman, *, last: bool) -> None:
    """What passes by itself is worth another try, until it is the last."""
    if isinstance(error, Transient) and not last:
        raise error
    log.info("of run %s of %s there is less to say: %s", run.ref.external_id, run.ref.repository, error)


def _wanted(world: World, deployment: Deployment) -> bool:
    """By today's catalog: it only decides what is said."""
    place = world.catalog().environment(deployment.wish.service, deployment.wish.environment)
    return place is not None and place.logs


async def _others_first(world: World, deployment: Deployment) -> bool:
    """Whether something is about to be sent to that place: the way back goes before the story."""
    line = await world.queries.in_line(deployment.workspace, deployment.wish)
    return any(each.state in ON_ITS_WAY for each in line)


async def _say(world: World, lease: Lease, deployment: Deployment, tail: Tail) -> None:
    async with world.units.begin(lease.workspace, Step.SAY_TAIL, lease=lease) as uow:
        if await uow.turns.take(lease.key, "said"):
            await uow.show(Announce(deployment.id, Announcement.LOGGED, tail=tail))
