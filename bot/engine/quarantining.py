"""Puts releases into quarantine and lifts that, inside the unit of work that also keeps the audit record."""

from __future__ import annotations

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.events import QuarantineLifted, ReleaseQuarantined
from bot.core.intents import LiftQuarantine, PutQuarantine
from bot.core.locks import STORY, Scope
from bot.core.overrides import Overridable
from bot.core.ports import UnitOfWork
from bot.core.quarantine import Quarantine, against
from bot.core.records import Deployment
from bot.core.text import Mention, Text, bold, line
from bot.core.values import Actor, ActorKind
from bot.core.visible import clip
from bot.engine.world import work_key


async def put(uow: UnitOfWork, intent: PutQuarantine, actor: Actor) -> Quarantine:
    """What waits with this release is judged anew at once; what runs goes on."""
    stands = await uow.quarantines.put(intent.scope, intent.sha, intent.ref, actor, intent.reason)
    if (stands.by, stands.reason, stands.since) != (actor, intent.reason, uow.now):
        raise UserError(f"{stands.named} is quarantined already: {stands.scope}.", stands.story)
    scope = stands.scope
    put = ReleaseQuarantined(
        stands.id, scope.service or "", scope.environment or "", stands.sha, stands.ref, stands.reason
    )
    await uow.record(put, actor)
    await _look_again(uow, scope)
    return stands


async def lift(uow: UnitOfWork, intent: LiftQuarantine, actor: Actor) -> None:
    """What waited for it goes on. Whoever had put it there is told, if it was somebody else."""
    found = intent.quarantine
    if not await uow.quarantines.lift(found):
        raise UserError(f"{found.named} is not quarantined any more.", "Somebody was quicker.")
    scope = found.scope
    lifted = QuarantineLifted(
        found.id, scope.service or "", scope.environment or "", found.sha, found.by.name, intent.reason
    )
    await uow.record(lifted, actor)
    await _look_again(uow, scope)
    if found.by.kind is ActorKind.PERSON and found.by.id != actor.id:
        await uow.show(Tell(found.by.id, _told(found, actor, intent.reason)))


async def kept_out(uow: UnitOfWork, deployment: Deployment) -> bool:
    """Whether somebody quarantined its release since its gates were judged, who was told that it holds."""
    await uow.quarantines.hold_still()
    passed = {
        part
        for each in deployment.overrides
        if each.gate is Overridable.QUARANTINE and each.digest == deployment.digest
        for part in each.held
    }
    return any(each.id not in passed for each in against(await uow.quarantines.held(), deployment))


async def _look_again(uow: UnitOfWork, scope: Scope) -> None:
    for id in await uow.locks.waiting(scope):
        await uow.work.want(work_key(id))


def _told(found: Quarantine, actor: Actor, reason: str) -> Text:
    text = line(Mention(actor.id, actor.name), " has lifted your quarantine of ", bold(found.named), ".")
    text += line(f"It was {found.scope}, for “{clip(found.reason, STORY)}”.")
    return text + line(f"They say: “{clip(reason, STORY)}”")
