"""Puts releases into quarantine, ends that and keeps what mends them; in one commit with the audit record."""

from __future__ import annotations

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.gates.quarantine import QUARANTINE
from bot.core.intents import LiftQuarantine, MendQuarantine, PutQuarantine
from bot.core.locks import STORY, Scope
from bot.core.ports import UnitOfWork
from bot.core.quarantine import Fix, Quarantine
from bot.core.quarantine_events import QuarantineLifted, QuarantineMended, ReleaseQuarantined
from bot.core.records import Deployment
from bot.core.text import Mention, Text, bold, line
from bot.core.values import Actor, ActorKind
from bot.core.visible import clip
from bot.engine.world import work_key


async def put(uow: UnitOfWork, intent: PutQuarantine, actor: Actor) -> Quarantine:
    """What waits with this release is judged anew at once; what runs goes on."""
    stands, is_new = await _put(uow, intent, actor)
    if not is_new:
        raise UserError(f"{stands.named} is quarantined already: {stands.scope}.", stands.story)
    return stands


async def keep_out(uow: UnitOfWork, intent: PutQuarantine, actor: Actor) -> None:
    """The same where nobody asked for it: what is kept out of all these places already stays as it is."""
    held = await uow.quarantines.held()
    if not any(each.sha == intent.sha and each.scope.covers(intent.scope) for each in held):
        await _put(uow, intent, actor)


async def _put(uow: UnitOfWork, intent: PutQuarantine, actor: Actor) -> tuple[Quarantine, bool]:
    """Which one stands after the try, and whether it is this one."""
    stands = await uow.quarantines.put(intent.scope, intent.sha, intent.ref, actor, intent.reason)
    if (stands.by, stands.reason, stands.since) != (actor, intent.reason, uow.now):
        return stands, False
    scope = stands.scope
    put = ReleaseQuarantined(
        stands.id, scope.service or "", scope.environment or "", stands.sha, stands.ref, stands.reason
    )
    await uow.record(put, actor)
    await _look_again(uow, scope)
    return stands, True


async def lift(uow: UnitOfWork, intent: LiftQuarantine, actor: Actor) -> None:
    """What waited for it goes on. Whoever had put it there is told, if it was somebody else."""
    found = intent.quarantine
    if not await uow.quarantines.lift(found):
        raise _gone(found)
    scope = found.scope
    lifted = QuarantineLifted(
        found.id, scope.service or "", scope.environment or "", found.sha, found.by.name, intent.reason
    )
    await uow.record(lifted, actor)
    await _look_again(uow, scope)
    if found.by.kind is ActorKind.PERSON and found.by.id != actor.id:
        await uow.show(Tell(found.by.id, _told(found, actor, intent.reason)))


async def mend(uow: UnitOfWork, intent: MendQuarantine, actor: Actor) -> None:
    """What waited with this release, or with what is made of it, goes on."""
    kept = intent.quarantine
    fix = Fix(intent.sha, intent.ref, actor, intent.reason, uow.now)
    if not await uow.quarantines.mend(kept, fix):
        raise _gone(kept)
    scope = kept.scope
    mended = QuarantineMended(
        kept.id, scope.service or "", scope.environment or "", kept.sha, fix.sha, fix.ref, fix.reason
    )
    await uow.record(mended, actor)
    await _look_again(uow, scope)


async def kept_out(uow: UnitOfWork, deployment: Deployment) -> bool:
    """Whether its gates have to be judged anew: whoever quarantined something since was told that it holds.

    What its release has to do with that, the code host must say, and nobody waits for it in here.
    """
    await uow.quarantines.hold_still()
    place = Scope(deployment.wish.service, deployment.wish.environment)
    seen = {id for each in deployment.verdicts if each.gate == QUARANTINE.name for id in each.seen}
    return any(each.id not in seen and each.scope.covers(place) for each in await uow.quarantines.held())


async def _look_again(uow: UnitOfWork, scope: Scope) -> None:
    for id in await uow.locks.waiting(scope):
        await uow.work.want(work_key(id))


def _gone(kept: Quarantine) -> UserError:
    return UserError(f"{kept.named} is not quarantined any more.", "Somebody was quicker.")


def _told(found: Quarantine, actor: Actor, reason: str) -> Text:
    text = line(Mention(actor.id, actor.name), " has lifted your quarantine of ", bold(found.named), ".")
    text += line(f"It was {found.scope}, for “{clip(found.reason, STORY)}”.")
    return text + line(f"They say: “{clip(reason, STORY)}”")
