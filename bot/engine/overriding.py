"""Lets a request pass a gate, inside the unit of work that holds its row."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog
from bot.core.effects import ShowCard
from bot.core.errors import UserError
from bot.core.events import GateOverridden
from bot.core.intents import OverrideGate
from bot.core.lifecycle import ENDS, State
from bot.core.overrides import Override, with_word
from bot.core.passing import covers
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.values import Actor
from bot.engine.world import work_key


async def override(
    uow: UnitOfWork, deployment: Deployment, intent: OverrideGate, actor: Actor, catalog: Catalog
) -> Deployment:
    """Keep their word; whether it still counts is asked anew when it starts."""
    _must_wait(deployment, intent.digest)
    held = covers(intent.gate, intent.by, deployment, catalog, uow.now)
    word = Override(intent.gate, actor.id, actor.name, intent.digest, uow.now, intent.reason, held)
    kept = await uow.deployments.save(replace(deployment, overrides=with_word(deployment.overrides, word)))
    await uow.record(GateOverridden(kept.id, kept.number, word.gate, word.digest, word.reason), actor)
    await uow.show(ShowCard(kept.id))
    await uow.work.want(work_key(kept.id))
    return kept


def _must_wait(deployment: Deployment, digest: str) -> None:
    if digest != (deployment.digest or ""):
        raise UserError(
            f"This was meant for another #{deployment.number}.",
            "What it would let pass is not what stands there now.",
            "Look at its card again.",
        )
    if deployment.state in ENDS:
        raise UserError(f"#{deployment.number} has ended already: {deployment.state}.", deployment.note)
    if deployment.state is not State.WAITING:
        raise UserError(f"#{deployment.number} does not wait: it is {deployment.state}.", deployment.note)
