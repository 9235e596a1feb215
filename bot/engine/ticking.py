"""Ticks, inside the unit of work that holds the request's row."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog
from bot.core.effects import ShowCard
from bot.core.errors import UserError
from bot.core.events import ItemTicked, ItemUnticked
from bot.core.expiring import expired
from bot.core.intents import TickItem
from bot.core.lifecycle import State
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.ticking import given, open_items
from bot.core.ticks import Ticked
from bot.core.values import Actor
from bot.engine.world import work_key


async def tick(
    uow: UnitOfWork, deployment: Deployment, intent: TickItem, actor: Actor, catalog: Catalog
) -> Deployment:
    """Tick an item, or take its tick away; whether a tick still counts is asked anew when it starts."""
    _must_be_open(uow, deployment, intent, catalog)
    before = given(deployment).get(intent.item)
    kept = tuple(each for each in deployment.ticks if each is not before)
    if intent.done and before is not None:
        raise UserError(f"{before.name} has ticked “{intent.item}” already.", "Once is enough.")
    if not intent.done and before is None:
        raise UserError(f"“{intent.item}” is not ticked.", "Somebody was quicker.")
    if before is None:
        kept = (*kept, Ticked(intent.item, actor.id, actor.name, intent.digest, uow.now))
    ticked = await uow.deployments.save(replace(deployment, ticks=kept))
    if before is None:
        await uow.record(ItemTicked(ticked.id, ticked.number, intent.item, intent.digest), actor)
    else:
        whose = before.name
        await uow.record(ItemUnticked(ticked.id, ticked.number, intent.item, intent.digest, whose), actor)
    await uow.show(ShowCard(ticked.id))
    await uow.work.want(work_key(ticked.id))
    return ticked


def _must_be_open(uow: UnitOfWork, deployment: Deployment, intent: TickItem, catalog: Catalog) -> None:
    number = deployment.number
    if intent.digest != (deployment.digest or ""):
        raise UserError(
            f"This was meant for another #{number}.",
            "What it would tick is not what stands there now.",
            "Look at its card again.",
        )
    over = expired(deployment, uow.now) if deployment.state is not State.SUCCEEDED else None
    if over is not None:
        raise UserError(f"#{number} has expired.", *over)
    if intent.item not in open_items(deployment, catalog):
        raise UserError(
            f"“{intent.item}” can't be ticked on #{number} now.",
            f"It is {deployment.state}, or the item has left the catalog.",
            "Its card shows what can be ticked.",
        )
