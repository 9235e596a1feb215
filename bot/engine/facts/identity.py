"""Which account who asked has, and what it may do in the repository now."""

from __future__ import annotations

from bot.core.accounts import identity_of
from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.identity import Identity, asks_for_account
from bot.core.readings import of_late
from bot.core.records import Deployment
from bot.core.values import ActorKind, Person
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """Read anew at the code host, each time: rights are taken away there.

    While it does not answer, what it last said of them counts where that is allowed.
    """
    asker = deployment.requested_by
    if not asks_for_account(policy) or asker.kind is not ActorKind.PERSON:
        return Known(Identity(), world.clock.now())
    try:
        person = await world.directory.person(deployment.workspace, asker.id, fresh=True)
    except (Transient, NeedsHuman, UserError) as error:
        return Unreadable(str(error))
    try:
        found = await identity_of(world.accounts, policy.repository, person)
    except Transient as error:
        return await _of_late(world, deployment, policy, person) or Unreadable(str(error))
    except (NeedsHuman, UserError) as error:
        return Unreadable(str(error))
    return Known(found, world.clock.now())


async def _of_late(world: World, deployment: Deployment, policy: Policy, person: Person) -> Known | None:
    if world.readings is None or person.account_id is None:
        return None
    last = await world.readings.last(deployment.workspace, policy.repository, person.account_id)
    found = of_late(last, deployment.wish, world.clock.now())
    return Known(found, found.read_at) if found is not None and found.read_at is not None else None
