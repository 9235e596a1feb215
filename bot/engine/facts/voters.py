"""Those who voted, as the directory knows them now."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.errors import NeedsHuman, Transient
from bot.core.gates.model import Known
from bot.core.records import Deployment
from bot.core.values import Person
from bot.core.voting import Voters
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:  # noqa: ARG001
    """Read anew, each of them: people leave, and groups change. One who can't be read does not count."""
    known: list[Person] = []
    unread: list[str] = []
    for vote in deployment.votes:
        try:
            known.append(await world.directory.person(deployment.workspace, vote.person, fresh=True))
        except (Transient, NeedsHuman):
            unread.append(vote.name)
    return Known(Voters(tuple(known), tuple(unread)), world.clock.now())
