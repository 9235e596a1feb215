"""Which account who asked has, and what it may do in the repository now."""

from __future__ import annotations

from bot.core.accounts import identity_of
from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.identity import Identity, asks_for_account
from bot.core.records import Deployment
from bot.core.values import ActorKind
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """Read anew at the code host, each time: rights are taken away there."""
    asker = deployment.requested_by
    if not asks_for_account(policy) or asker.kind is not ActorKind.PERSON:
        return Known(Identity(), world.clock.now())
    try:
        person = await world.directory.person(deployment.workspace, asker.id, fresh=True)
        found = await identity_of(world.accounts, policy.repository, person)
    except (Transient, NeedsHuman, UserError) as error:
        return Unreadable(str(error))
    return Known(found, world.clock.now())
