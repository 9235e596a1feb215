"""Those who voted, as the directory knows them now."""

from __future__ import annotations

from bot.core.accounts import identity_of
from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gates.model import Known
from bot.core.identity import NEEDED, asks_for_account
from bot.core.records import Deployment
from bot.core.values import Person
from bot.core.voting import Voters
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Read anew, each of them: people leave, and groups change. One who can't be read does not count."""
    known: list[Person] = []
    unread: list[str] = []
    barred: list[str] = []
    for vote in deployment.votes:
        try:
            person = await world.directory.person(deployment.workspace, vote.person, fresh=True)
            wrong = asks_for_account(policy) and not await _may_write(world, policy, person)
        except (Transient, NeedsHuman, UserError):
            unread.append(vote.name)
        else:
            barred += [vote.name] if wrong else []
            known += [] if wrong else [person]
    return Known(Voters(tuple(known), tuple(unread), tuple(barred)), world.clock.now())


async def _may_write(world: World, policy: Policy, person: Person) -> bool:
    return (await identity_of(world.accounts, policy.repository, person)).role >= NEEDED
