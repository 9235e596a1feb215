"""Who ticked the checklist, as the directory knows them now."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.gates.model import Fact
from bot.core.records import Deployment
from bot.core.ticking import texts
from bot.engine.facts.people import read_anew
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """Of what is on the list; without a checklist nobody is asked for."""
    wanted = texts(policy.checklist.before)
    ids = (each.person for each in deployment.ticks if each.item in wanted)
    return await read_anew(world, deployment.workspace, ids)
