"""Changes what a person chose for themselves, and has them told of their own ends where they want that."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.effects import TellEnd
from bot.core.events import DeploymentMoved, Event
from bot.core.lifecycle import ENDS
from bot.core.my_settings import changed, said
from bot.core.my_settings_events import MySettingChanged
from bot.core.my_settings_intents import ChangeMine
from bot.core.own_ends import hears_of
from bot.core.ports import UnitOfWork
from bot.core.values import Actor


async def change_mine(uow: UnitOfWork, intent: ChangeMine, actor: Actor) -> None:
    """UserError for what makes no sense; the same once more changes nothing and leaves no record."""
    before = await uow.my_settings.of(actor.id, to_change=True)
    after = changed(before, intent.change)
    if after == before:
        return
    await uow.my_settings.put(actor.id, after)
    await uow.record(MySettingChanged(*said(intent.change)), actor)


async def tell_ends(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Called right before the commit in which something ended: a life ends once, so this is told once."""
    ended = [each for each in events if isinstance(each, DeploymentMoved) and each.target in ENDS]
    for id in dict.fromkeys(each.deployment for each in ended):
        deployment = await uow.deployments.get(id)
        asker = deployment.requested_by
        if hears_of(deployment, await uow.my_settings.of(asker.id)):
            await uow.show(TellEnd(deployment.id, asker.id))
