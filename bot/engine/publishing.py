"""Releases of the catalog's repositories: read at the code host, put on record, and told once.

A webhook says which one to read, and the listing finds what no webhook told of. What is told commits with the
row, so duplicates, edits and crashes tell nothing again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from bot.core import publishing, resync
from bot.core.catalog import Catalog, Service
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gatekeeping import spelled
from bot.core.publishing import KnownRelease, Published, fresh, is_news, release_before
from bot.core.publishing_events import ReleasePublished
from bot.core.publishing_words import beginning
from bot.core.records import Lease
from bot.core.resync import Mark
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Sha
from bot.engine.again import NEVER, Again
from bot.engine.world import World

log = logging.getLogger(__name__)

ONE, LIST = "release/", "releases/"
REFUSED = timedelta(hours=1)
BUSY = timedelta(seconds=30)
LAG = timedelta(seconds=2)  # GitHub tells of one release in several webhooks


@dataclass(frozen=True, slots=True)
class _Shop:
    """The releases of one repository, as one look goes through them."""

    world: World
    lease: Lease
    provider: str
    repository: str

    @property
    def services(self) -> tuple[Service, ...]:
        """Those of the catalog that are made from it."""
        catalog, here = self.world.catalog(), (self.provider, self.repository)
        return tuple(each for each in catalog.services if _place(catalog, each) == here)


def key(provider: str, repository: str, id: str) -> str:
    """The key under which one release is read."""
    return f"{ONE}{provider}/{id}/{repository}"


def list_key(provider: str, repository: str) -> str:
    """The key under which the releases of a repository are looked through."""
    return f"{LIST}{provider}/{repository}"


def repositories(world: World) -> tuple[tuple[str, str], ...]:
    """Provider and name of each repository of the catalog whose releases can be read."""
    catalog = world.catalog()
    found = dict.fromkeys(_place(catalog, each) for each in catalog.services)
    return tuple(each for each in found if _can_read(world, each[0]))


async def look(world: World, lease: Lease) -> Again:
    """One release, because somebody said that it was published."""
    provider, id, named = lease.key.removeprefix(ONE).split("/", 2)
    name = spelled(world.catalog(), provider, named)
    reader = world.provider(provider).releases if _can_read(world, provider) else None
    if name is None or reader is None:
        return NEVER
    try:
        release = await reader.release(name, id)
        await _keep(_Shop(world, lease, provider, name), (release,) if release else ())
    except Transient as error:
        log.info("release %s of %s can't be read: %s", id, name, error.why)
        return Again(timedelta(seconds=error.retry_after) if error.retry_after else BUSY)
    except (NeedsHuman, UserError) as error:
        log.warning("release %s of %s can't be read: %s", id, name, error)
    return NEVER


async def look_through(world: World, lease: Lease) -> Again:
    """The listing of one repository, unless it was just read."""
    provider, name = lease.key.removeprefix(LIST).split("/", 1)
    places = repositories(world)
    if (provider, name) not in places:
        return NEVER
    shop, every = _Shop(world, lease, provider, name), publishing.pace(len(places))
    mark = await _mark(shop)
    wait = resync.left(mark, every, await world.watch.now())
    if wait:
        return Again(wait)
    try:
        await _list(shop, mark)
    except Transient as error:
        log.info("the releases of %s can't be listed: %s", name, error.why)
        return Again(timedelta(seconds=error.retry_after) if error.retry_after else BUSY)
    except (NeedsHuman, UserError) as error:
        log.warning("the releases of %s can't be listed: %s", name, error)
        at = (
            await world.watch.now() + REFUSED - every
        )  # it is wanted each minute, and nobody mends it so soon
        await _looked(shop, replace(mark, looked_at=at))
        return Again(REFUSED)
    return Again(every)


async def _list(shop: _Shop, mark: Mark) -> None:
    world, now = shop.world, await shop.world.watch.now()
    reader = world.provider(shop.provider).releases
    listing = await reader.newest(shop.repository, mark.etag) if reader else None
    if listing is not None:
        await _keep(shop, listing.rows)
    etag = listing.etag if listing is not None else mark.etag
    await _looked(shop, Mark(mark.since, now, etag))


async def _looked(shop: _Shop, mark: Mark) -> None:
    workspace = shop.lease.workspace
    async with shop.world.units.begin(workspace, Step.KEEP_RELEASES, lease=shop.lease) as uow:
        await uow.marks.put(list_key(shop.provider, shop.repository), mark)


async def _mark(shop: _Shop) -> Mark:
    """Since when we listen is written down before anything is read: what is older is never told."""
    name, workspace = list_key(shop.provider, shop.repository), shop.lease.workspace
    known = await shop.world.runs.mark(workspace, name)
    if known is not None:
        return known
    async with shop.world.units.begin(workspace, Step.KEEP_RELEASES, lease=shop.lease) as uow:
        mark = resync.first_mark(uow.now)
        await uow.marks.put(name, mark)
    return mark


async def _keep(shop: _Shop, found: Sequence[Published]) -> None:
    """What has to be asked for is asked for before the commit, and for what will be told alone."""
    world, workspace = shop.world, shop.lease.workspace
    mark = await _mark(shop)
    since = publishing.told_since(mark.since, await world.watch.now())
    known = await world.shelf.of(workspace, shop.provider, shop.repository)
    rows = fresh(found, known)
    if not rows:
        return
    every = [*known, *(each.known for each in rows)]
    events = {
        each.external_id: await _events(shop, each, every) for each in rows if is_news(each, known, since)
    }
    async with world.units.begin(workspace, Step.KEEP_RELEASES, lease=shop.lease) as uow:
        for each in rows:
            if await uow.published.keep(shop.provider, shop.repository, each):
                for event in events.get(each.external_id, ()):
                    await uow.record(event, SLIPWAY)


async def _events(
    shop: _Shop, release: Published, known: Sequence[KnownRelease]
) -> tuple[ReleasePublished, ...]:
    """One for each service of the repository."""
    before, sha = release_before(release, known), await _commit(shop, release)
    compare = release.compare.replace("{before}", quote(before, safe="/")) if before else ""
    return tuple(
        [
            ReleasePublished(
                service=each.name,
                repository=shop.repository,
                tag=release.tag,
                name=release.name,
                by=release.by,
                at=release.at.isoformat(),
                url=release.url,
                notes=beginning(release.notes),
                before=before,
                compare=compare,
                runs_in=await _runs_in(shop, each, sha) if sha else "",
            )
            for each in shop.services
        ]
    )


async def _commit(shop: _Shop, release: Published) -> Sha | None:
    """Which one its tag names; a tag that is gone by now runs nowhere."""
    try:
        code = shop.world.provider(shop.provider).code
        return (await code.resolve(shop.repository, f"refs/tags/{release.tag}")).sha
    except (UserError, NeedsHuman) as error:
        log.info("the tag %s of %s can't be read: %s", release.tag, shop.repository, error)
        return None


async def _runs_in(shop: _Shop, service: Service, sha: Sha) -> str:
    """The environments, each with the deployment that brought it."""
    found = []
    for place in service.environments:
        live = await shop.world.queries.live(shop.lease.workspace, service.name, place.name)
        if live is not None and live.deployment.release_sha == sha:
            found.append(f"{place.name} (#{live.deployment.number})")
    return ", ".join(found)


def _place(catalog: Catalog, service: Service) -> tuple[str, str]:
    """Its repository, spelled as wherever else the catalog names it."""
    provider, name = service.repository.provider.value, service.repository.full_name
    return provider, spelled(catalog, provider, name) or name


def _can_read(world: World, provider: str) -> bool:
    found = world.providers.get(provider)
    return found is not None and found.releases is not None
