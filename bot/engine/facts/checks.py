"""The checks of the release, where the policy asks for any."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.checks import Checks
from bot.core.errors import Bug, NeedsHuman, Transient, UserError
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.records import Deployment
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """The code host says it, of the exact commit."""
    if not policy.checks:
        return Known(Checks(), world.clock.now())
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    service, _ = world.entry(deployment.wish)
    host = world.provider(service.repository.provider).code
    names = frozenset(rule.name for rule in policy.checks)
    try:
        told = await host.checks(service.repository.full_name, deployment.resolution.release.sha, names)
    except (Transient, NeedsHuman, UserError) as error:
        return Unreadable(str(error))
    return Known(told, world.clock.now())
