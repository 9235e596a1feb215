"""Who ticked the checklist, as the directory knows them now."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.records import Deployment
from bot.core.ticking import texts
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """Read anew: people leave, and groups change. Without a checklist nobody is asked for."""
    wanted = texts(policy.checklist.before)
    ids = dict.fromkeys(each.person for each in deployment.ticks if each.item in wanted)
    try:
        people = [await world.directory.person(deployment.workspace, id, fresh=True) for id in ids]
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(tuple(people), world.clock.now())
