"""Whether the release is on a branch that the policy asks for."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import Bug, NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.records import Deployment
from bot.core.resolving import reachable
from bot.core.values import Kind, Sha
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """The code host says it."""
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    if deployment.wish.kind is Kind.RESTORE:
        return Known(True, world.clock.now())  # it stays where it is
    if deployment.wish.kind is Kind.ROLLBACK:
        return await _was_here(world, deployment, deployment.resolution.release.sha)
    service, _ = world.entry(deployment.wish)
    host = world.provider(service.repository.provider).code
    try:
        answer = await reachable(host, policy, service.repository.full_name, deployment.resolution)
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(answer, world.clock.now())


async def _was_here(world: World, deployment: Deployment, release: Sha) -> Known:
    """What goes back is known from our own record, whatever became of its branch."""
    wish = deployment.wish
    stays = await world.releases.stays(deployment.workspace, wish.service, wish.environment, release)
    return Known(any(each.since is not None for each in stays), world.clock.now())
