"""Requests that give way to a newer one, inside the unit of work that holds their rows."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.catalog import Catalog
from bot.core.effects import Announcement
from bot.core.events import RequestSuperseded
from bot.core.intents import HandOver
from bot.core.lifecycle import State, Trigger
from bot.core.policy import Permission, authorise_on
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.superseding import gives_way, must_replace
from bot.core.values import Actor, DeploymentId
from bot.engine.changes import move
from bot.engine.world import work_key


async def retire(uow: UnitOfWork, newer: Deployment, ids: Iterable[DeploymentId]) -> None:
    """What its release contains, unless that has become ready meanwhile: whoever commits first has decided.

    A request that is itself for later leaves the line as it is.
    """
    if newer.state is not State.WAITING:
        return
    for id in ids:
        older = await uow.deployments.get(id)
        if older.number < newer.number and gives_way(older, newer.wish, newer.requested_by):
            why = f"Superseded by #{newer.number}, which contains it."
            await _supersede(uow, older, newer, newer.requested_by, why)


async def hand_over(
    uow: UnitOfWork,
    older: Deployment,
    newer: Deployment,
    intent: HandOver,
    actor: Actor,
    catalog: Catalog,
) -> Deployment:
    """The newer one, which goes on without it; whoever asked for the older one is told."""
    authorise_on(Permission.HAND_OVER, intent.by, catalog, older)
    must_replace(older, newer)
    why = f"{actor.name} handed its place over to #{newer.number}: {intent.reason}"
    await _supersede(uow, older, newer, actor, why, intent.reason)
    await uow.work.want(work_key(newer.id))
    return newer


async def _supersede(
    uow: UnitOfWork, older: Deployment, newer: Deployment, actor: Actor, why: str, reason: str = ""
) -> None:
    event = RequestSuperseded(older.id, older.number, newer.number, older.digest or "", reason)
    await uow.record(event, actor)
    void = f"Its votes are void: they don't count for #{newer.number}." if older.votes else ""
    told = Announcement.HANDED_OVER if reason else None
    await move(uow, older, Trigger.SUPERSEDE, why, void, actor=actor, announce=told)
    await uow.work.want(work_key(older.id))
