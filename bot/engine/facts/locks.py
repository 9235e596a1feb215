"""Who has locked the place."""

from __future__ import annotations

from datetime import timedelta

from bot.core.catalog import Policy
from bot.core.gates.model import Known
from bot.core.locks import Held, in_its_way
from bot.core.records import Deployment
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """Every lock of the workspace; the gate picks those that matter."""
    return Known(Held(await world.locks.held(deployment.workspace)), world.clock.now())


async def free_in(world: World, deployment: Deployment, at_most: timedelta) -> timedelta:
    """How long until the last lock against it ends by itself, when that is sooner."""
    now = world.clock.now()
    held = await world.locks.held(deployment.workspace)
    longest = next(iter(in_its_way(held, deployment, now)), None)
    if longest is None or longest.until is None:
        return at_most
    return min(at_most, longest.until - now)
