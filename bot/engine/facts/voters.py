"""Those who voted, as the directory knows them now."""

from __future__ import annotations

from dataclasses import replace

from bot.core.accounts import identity_of
from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gates.model import Known
from bot.core.identity import NEEDED
from bot.core.people import is_member, teams_of
from bot.core.records import Deployment
from bot.core.remaining import remaining
from bot.core.values import Person
from bot.core.voting import Voters, compares_accounts, voters
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Read anew, each of them: people leave, and groups change. One who can't be read does not count."""
    known: list[Person] = []
    unread: list[str] = []
    barred: list[str] = []
    for vote in deployment.votes:
        try:
            person = await world.directory.person(deployment.workspace, vote.person, fresh=True)
            compared = compares_accounts(deployment, policy)
            identity = await identity_of(world.accounts, policy.repository, person) if compared else None
        except (Transient, NeedsHuman, UserError):
            unread.append(vote.name)
        else:
            if _unsure(person, policy):
                unread.append(vote.name)
            elif identity is None:
                known.append(person)
            elif identity.role < NEEDED:
                barred.append(vote.name)
            else:
                known.append(replace(person, login=identity.login))  # under the name of today
    found = Voters(tuple(known), tuple(unread), tuple(barred))
    now = world.clock.now()
    left = await remaining(world.directory, deployment, policy, found, now)
    return Known(replace(found, left=left), now)


def _unsure(person: Person, policy: Policy) -> bool:
    """Whether they could be one of those who decide, if their teams could be read."""
    who = voters(policy.approvals)
    return not is_member(who, person) and not teams_of(who).isdisjoint(person.unread_teams)
