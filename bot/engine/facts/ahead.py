"""Who goes first in this environment."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.emergencies import goes_before
from bot.core.gates.model import Known
from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.records import Deployment
from bot.engine.world import World

NEIGHBOURS = 50
NOT_IN_LINE = ENDS | {State.SCHEDULED}  # whatever is due later takes its place in the line then


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """Who holds the slot, else who has waited longer for it."""
    wish = deployment.wish
    recent = await world.queries.recent(deployment.workspace, wish.service, wish.environment, NEIGHBOURS)
    others = [each for each in recent if each.id != deployment.id and each.state not in NOT_IN_LINE]
    holding = [each.number for each in others if each.state in HOLDING]
    earlier = [each.number for each in others if goes_before(each, deployment)]
    return Known(min(holding or earlier, default=0), world.clock.now())
