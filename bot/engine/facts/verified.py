"""Where the release was verified before, by our own record."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import Bug
from bot.core.gates.model import Known
from bot.core.promoting import Past, Verified
from bot.core.records import Deployment
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Of the environments that the policy names."""
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    service, release = deployment.wish.service, deployment.resolution.release.sha
    pasts = [
        Past(place, await world.releases.stays(deployment.workspace, service, place, release))
        for place in dict.fromkeys(each.environment for each in policy.promote_from)
    ]
    return Known(Verified(tuple(pasts)), world.clock.now())
