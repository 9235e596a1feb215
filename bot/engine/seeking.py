"""Looks through the listings of runs for what no webhook told of: lost ones, and starts that failed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core import resync
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.following import worth_a_look
from bot.core.following_ports import Listing
from bot.core.gatekeeping import spelled
from bot.core.records import Lease
from bot.core.resync import Mark
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.engine import following, publishing, redelivering
from bot.engine.again import NEVER, Again
from bot.engine.world import World

log = logging.getLogger(__name__)

PREFIX = resync.LISTING
REFUSED = timedelta(minutes=15)
EVERY, FIRST = 60.0, 2.0  # seconds


def key(provider: str, repository: str) -> str:
    """The key under which the runs of a repository are looked through."""
    return f"{PREFIX}{provider}/{repository}"


def repositories(world: World) -> tuple[tuple[str, str], ...]:
    """Provider and name of each repository of the catalog whose runs can be listed."""
    known = [each.repository for each in world.catalog().services]
    found = dict.fromkeys((each.provider.value, each.full_name) for each in known)
    return tuple(each for each in found if _can_list(world, each[0]))


async def keep_seeking(world: World) -> None:
    """Until cancelled: from the start on, and for what a reload of the catalog brings."""
    first = True
    while True:
        try:
            found = await seek(world, at_start=first)
            first = first and not found
        except Transient as error:
            log.warning("the listings of runs are looked through a little later: %s", error.why)
            found = False
        await world.clock.sleep(EVERY if found else FIRST)


async def seek(world: World, *, at_start: bool = False) -> bool:
    """Want a look at each; one that was just looked through waits. False while nobody knows for whom."""
    workspaces = await world.watch.workspaces()
    for workspace in workspaces:
        for provider in world.providers if at_start else ():
            await world.queue.want(workspace, redelivering.key(provider))
        for provider, repository in repositories(world):
            await world.queue.want(workspace, key(provider, repository))
        for provider, repository in publishing.repositories(world):
            await world.queue.want(workspace, publishing.list_key(provider, repository))
    return bool(workspaces)


async def look(world: World, lease: Lease) -> Again:
    """One listing, and a wish for each run about which it says something new."""
    provider, repository = lease.key.removeprefix(PREFIX).split("/", 1)
    if spelled(world.catalog(), provider, repository) != repository or not _can_list(world, provider):
        return NEVER
    every = resync.pace(len(repositories(world)))
    mark = await world.runs.mark(lease.workspace, lease.key) or await _begin(world, lease)
    wait = resync.left(mark, every, await world.watch.now())
    if wait:
        return Again(wait)
    try:
        await _list(world, lease, provider, repository, mark)
    except Transient as error:
        log.info("the runs of %s can't be listed: %s", repository, error.why)
        return Again(max(every, timedelta(seconds=error.retry_after or 0)))
    except (NeedsHuman, UserError) as error:
        log.warning("the runs of %s can't be listed: %s", repository, error)
        return Again(REFUSED)
    return Again(every)


async def _begin(world: World, lease: Lease) -> Mark:
    """Written down before the first listing: what ends from here on is missed by no later one."""
    async with world.units.begin(lease.workspace, Step.SEEK_RUNS, lease=lease) as uow:
        mark = resync.first_mark(uow.now)
        await uow.marks.put(lease.key, mark)
    return mark


async def _list(world: World, lease: Lease, provider: str, repository: str, mark: Mark) -> None:
    now = await world.watch.now()
    since = resync.since(mark, now)
    reader = world.provider(provider).runs
    listing = await reader.newest(repository, since, mark.etag) if reader else None
    wanted = await _unknown(world, lease, provider, repository, listing, since) if listing else []
    if listing is not None and not listing.complete:
        log.warning("%s has more runs than one listing shows; the oldest of them may be missed", repository)
    complete = len(wanted) <= resync.MOST
    etag = listing.etag if listing is not None else mark.etag
    async with world.units.begin(lease.workspace, Step.SEEK_RUNS, lease=lease) as uow:
        for id in wanted[: resync.MOST]:
            await uow.work.want(following.key(RunRef(provider, repository, id)))
        await uow.marks.put(lease.key, resync.next_mark(since, now, etag, complete=complete))


async def _unknown(
    world: World, lease: Lease, provider: str, repository: str, listing: Listing, since: datetime
) -> Sequence[str]:
    """The oldest first, so that what is left over is the newest."""
    ids = [each.external_id for each in listing.rows]
    known = await world.runs.newest_of(lease.workspace, provider, repository, ids)
    rows = reversed(listing.rows)
    return [each.external_id for each in rows if worth_a_look(each, known.get(each.external_id), since)]


def _can_list(world: World, provider: str) -> bool:
    found = world.providers.get(provider)
    return found is not None and found.runs is not None
