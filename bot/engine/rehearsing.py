"""What would stand in the way of a deployment that nobody has asked for: read, and nothing kept."""

from __future__ import annotations

from bot.core.gates.queue import QUEUE
from bot.core.records import Deployment
from bot.core.verdicts import Verdict
from bot.engine.judging import verdicts_at
from bot.engine.world import World


async def rehearse(world: World, deployment: Deployment) -> tuple[Verdict, ...]:
    """What each gate says now, or as of the time it is meant for; who is in line then, nobody knows."""
    due = deployment.wish.due
    if due is None:
        return await verdicts_at(world, deployment, world.clock.now())
    found = await verdicts_at(world, deployment, due.at)
    return tuple(each for each in found if each.gate != QUEUE.name)
