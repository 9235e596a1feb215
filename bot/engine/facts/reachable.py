"""Whether the release is on a branch that the policy asks for."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import Bug, NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.records import Deployment
from bot.core.resolving import reachable
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """The code host says it."""
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    service, _ = world.entry(deployment.wish.service, deployment.wish.environment)
    host = world.provider(service.repository.provider).code
    try:
        answer = await reachable(host, policy, service.repository.full_name, deployment.resolution)
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(answer, world.clock.now())
