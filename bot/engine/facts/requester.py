"""Who asked, as the directory knows them now."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.records import Deployment
from bot.core.values import ActorKind
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:  # noqa: ARG001
    """Read anew: people leave."""
    if deployment.requested_by.kind is not ActorKind.PERSON:
        return Known(False, world.clock.now())
    try:
        person = await world.directory.person(deployment.workspace, deployment.requested_by.id, fresh=True)
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(person, person.observed_at)
