"""Who goes first in this environment."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.gates.model import Known
from bot.core.line import ahead
from bot.core.records import Deployment
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """Who holds the slot, else who has waited longer for it; read by state, however many have ended since."""
    others = await world.queries.in_line(deployment.workspace, deployment.wish, deployment.number)
    locks = await world.locks.held(deployment.workspace)
    return Known(ahead(deployment, others, locks, world.clock.now()), world.clock.now())
