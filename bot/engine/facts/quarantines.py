"""What is quarantined where it goes, and what the release has to do with each."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import Bug, NeedsHuman, Transient, UserError
from bot.core.falling_back import is_automatic
from bot.core.gates.model import Known
from bot.core.locks import Scope
from bot.core.mending import CONTAINS, Bearing, Brought, Kin, Quarantined, brought_by, kin_of
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment
from bot.core.values import Sha
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """Those of its place, which are few. The code host is asked about each that is of another commit."""
    resolution, wish = deployment.resolution, deployment.wish
    if resolution is None:
        raise Bug("a resolved deployment has no resolution")
    place, release = Scope(wish.service, wish.environment), resolution.release.sha
    held = await world.quarantines.held(deployment.workspace)
    kin = [await _kin(world, deployment, each, release) for each in held if each.scope.covers(place)]
    return Known(Quarantined(tuple(kin)), world.clock.now())


async def _kin(world: World, deployment: Deployment, kept: Quarantine, release: Sha) -> Kin:
    if kept.sha == release:
        return Kin(kept, Bearing.ITSELF)
    try:
        return await _by_history(world, deployment, kept, release)
    except (Transient, NeedsHuman, UserError) as error:
        if isinstance(error, Transient) and is_automatic(deployment):
            raise  # a closed gate would end it, and this one is only not read yet
        return Kin(kept, Bearing.UNREAD, str(error))


async def _by_history(world: World, deployment: Deployment, kept: Quarantine, release: Sha) -> Kin:
    """An owner's word first: it holds for what is made of that release, however long ago that was."""
    service, _ = world.entry(deployment.wish)
    host, repository = world.provider(service.repository.provider).code, service.repository.full_name
    for fix in reversed(kept.fixes):
        same = fix.sha == release
        if same or (await host.compare(repository, fix.sha, release)).direction in CONTAINS:
            return Kin(kept, Bearing.MENDED, fix.story)
    since = await host.compare(repository, kept.sha, release)
    if since.direction not in CONTAINS:
        return kin_of(kept, since, Brought())
    asked = await world.releases.asked_for(deployment.workspace, service.name, kept.sha)
    return kin_of(kept, since, brought_by(kept.sha, asked))
