"""When somebody leaves: what they asked for and has not begun is withdrawn, and their votes there are void.

Their locks and subscriptions go to the owners, and their linked account is free. Slack tells that somebody
left, and once an hour everybody who would leave something of this behind is looked at again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.core.archive import Archive
from bot.core.catalog import Catalog
from bot.core.effects import ShowCard, Tell
from bot.core.errors import NeedsHuman, Transient
from bot.core.events import PersonLeft
from bot.core.intents import OffBoard
from bot.core.lifecycle import Trigger, allowed
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.text import Text, bold, code, line
from bot.core.values import SLIPWAY, Actor, ActorKind, DeploymentId
from bot.engine.changes import move
from bot.engine.heirs import pass_on
from bot.engine.linking import forget_link
from bot.engine.subscribing import pass_on as pass_on_subscriptions
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)


async def off_board(uow: UnitOfWork, intent: OffBoard, catalog: Catalog) -> None:
    """Only what has not begun: a run that is under way is its environment's business by now."""
    withdrawn, voided = [], []
    for id in intent.deployments:
        deployment = await uow.deployments.get(id)
        if not allowed(deployment.state, Trigger.WITHDRAW):
            continue
        if deployment.requested_by.id == intent.person:
            await move(uow, deployment, Trigger.WITHDRAW, f"{intent.name} asked for it, and has left.")
            withdrawn.append(f"#{deployment.number}")
        elif await _void(uow, deployment, intent.person):
            voided.append(f"#{deployment.number}")
        await uow.work.want(work_key(deployment.id))
    leaver = Actor(ActorKind.PERSON, intent.person, intent.name)
    locks = await pass_on(uow, leaver, catalog)
    handed = await pass_on_subscriptions(uow, leaver)
    account = await forget_link(uow, intent.person, SLIPWAY)
    await uow.my_settings.forget(intent.person)
    if not (withdrawn or voided or locks or handed or account):
        return
    login = account.login if account else ""
    left = PersonLeft(intent.person, intent.name, " ".join(withdrawn), " ".join(voided), locks, login, handed)
    await uow.record(left, SLIPWAY)
    channel = catalog.channels.audit or catalog.channels.default
    if channel is not None:
        await uow.show(Tell(channel, _told(left)))


async def _void(uow: UnitOfWork, deployment: Deployment, person: str) -> bool:
    if all(vote.person != person for vote in deployment.votes):
        return False
    await uow.votes.take_back(deployment, person)
    await uow.show(ShowCard(deployment.id))
    return True


def _told(left: PersonLeft) -> Text:
    text = line(bold(f"{left.name} has left."))
    if left.withdrawn:
        text += line(
            f"What they asked for was withdrawn: {left.withdrawn}. Somebody else can ask for it again."
        )
    if left.voided:
        text += line(f"Their votes no longer count: {left.voided}.")
    if left.locks:
        text += line(
            f"Their locks ({left.locks}) passed to the owners of each service, or ended without any."
        )
    if left.subscriptions:
        text += line(
            f"What they subscribed channels to ({left.subscriptions}) is for the owners of each service now."
        )
    if left.login:
        text += line("The GitHub user ", code(left.login), " is no longer linked to them.")
    return text


@dataclass(frozen=True, slots=True)
class Leavers:
    """Looks again at everybody of whom something would stay behind: an event can be lost."""

    world: World
    archive: Archive

    async def look(self) -> int:
        """How many of them have left."""
        found = 0
        for workspace in await self.world.watch.workspaces():
            for person, deployments in (await self.archive.involved(workspace)).items():
                found += await self._look_at(workspace, person, deployments)
        return found

    async def _look_at(self, workspace: str, id: str, deployments: tuple[DeploymentId, ...]) -> bool:
        try:
            person = await self.world.directory.person(workspace, id)  # minutes old is new enough for a sweep
        except (Transient, NeedsHuman) as error:
            log.warning("nobody says whether %s is still here: %s", id, error)
            return False
        if person.active:
            return False
        async with self.world.units.begin(workspace, Step.OFF_BOARD) as uow:
            await off_board(uow, OffBoard(person.id, person.name, deployments), self.world.catalog())
        return True
