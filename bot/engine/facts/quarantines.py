"""Which releases are quarantined."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.gates.model import Known
from bot.core.quarantine import Quarantined
from bot.core.records import Deployment
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """All of the workspace, which are few; the gate picks those that matter."""
    return Known(Quarantined(await world.quarantines.held(deployment.workspace)), world.clock.now())
