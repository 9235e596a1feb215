"""Who asked, as the directory knows them now."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.core.gates.requester import able_to_ask
from bot.core.people import as_of_late, is_member, teams_of, unsure
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import ActorKind, Kind, Person
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Fact:
    """Read anew: people leave."""
    if deployment.requested_by.kind is not ActorKind.PERSON:
        return Known(False, world.clock.now())
    try:
        person = await world.directory.person(deployment.workspace, deployment.requested_by.id, fresh=True)
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    unread = _unread(deployment, policy, person)
    return Unreadable(unread) if unread else Known(person, person.observed_at)


def _unread(deployment: Deployment, policy: Policy, person: Person) -> str:
    """Whether they could be one of those who may, if their teams could be read; then nobody refuses them."""
    goes_back, emergency = deployment.wish.kind is Kind.ROLLBACK, deployment.wish.emergency
    wanted = [able_to_ask(deployment, policy)]
    wanted += [policy.rights.of(Right.EMERGENCY)] if emergency else []
    known = as_of_late(person) if goes_back or emergency else person
    closed = [who for who in wanted if not is_member(who, known)]
    return next((unsure(who, person) for who in closed if teams_of(who) & person.unread_teams), "")
