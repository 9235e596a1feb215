"""Takes and ends locks, inside the unit of work that also keeps the answer and the audit record."""

from __future__ import annotations

from datetime import timedelta

from bot.core.effects import Tell
from bot.core.errors import Bug, Locked, UserError
from bot.core.events import LockEnded, LockTaken
from bot.core.gates.lock import LOCK
from bot.core.intents import EndLock, TakeLock
from bot.core.lock_words import place_value
from bot.core.locks import STORY, Lock, Scope, against, in_its_way
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.text import Mention, Text, bold, code, line
from bot.core.values import SLIPWAY, Actor, ActorKind, Sha
from bot.core.visible import clip
from bot.engine import waiting


async def take_lock(uow: UnitOfWork, intent: TakeLock, actor: Actor) -> None:
    """Theirs from now on; UserError when somebody else was quicker."""
    until = None if intent.lasts is None else uow.now + intent.lasts
    lock = await uow.locks.take(intent.scope, actor, intent.reason, until)
    others = against(await uow.locks.held(), actor, intent.scope, uow.now)
    if others:
        raise _taken_by(others[0], intent.scope)
    scope = lock.scope
    end = until.isoformat() if until else ""
    taken = LockTaken(lock.id, scope.service or "", scope.environment or "", lock.reason, end)
    await uow.record(taken, actor)
    await waiting.leave(uow, scope, actor)
    await waiting.want_next_end(uow)


async def hold(uow: UnitOfWork, back: Deployment, lasts: timedelta, spares: Sha) -> None:
    """Only a rollback or a fix starts there for so long. Where somebody has locked it, theirs stays."""
    scope = Scope(back.wish.service, back.wish.environment)
    until, reason = uow.now + lasts, f"after rollback #{back.number}"
    lock = await uow.locks.take(scope, SLIPWAY, reason, until, spares)
    if not lock.is_of(SLIPWAY):
        return
    taken = LockTaken(lock.id, scope.service or "", scope.environment or "", lock.reason, until.isoformat())
    await uow.record(taken, SLIPWAY)
    await waiting.want_next_end(uow)


async def end_lock(uow: UnitOfWork, intent: EndLock, actor: Actor) -> None:
    """It is free, and whoever waits looks again at once. Who held it is told, if it was broken."""
    lock, broken = intent.lock, not (intent.lock.is_of(actor) or intent.as_owner)
    if broken and not intent.reason:
        raise Bug("a lock is broken without a reason")
    if not await uow.locks.release(lock):
        raise UserError(
            f"The lock on {lock.scope} has changed meanwhile.",
            "Nothing was done.",
            "`/state` shows what is locked.",
        )
    await uow.record(ended(lock, intent.reason, broken=broken), actor)
    await waiting.freed(uow, [lock])
    if broken and lock.owner.kind is ActorKind.PERSON:
        await uow.show(Tell(lock.owner.id, _broken(lock, actor, intent.reason)))


def ended(lock: Lock, why: str, *, broken: bool = False) -> LockEnded:
    """What the trail says of it."""
    scope = lock.scope
    return LockEnded(lock.id, scope.service or "", scope.environment or "", lock.owner.name, broken, why)


async def locked_out(uow: UnitOfWork, deployment: Deployment) -> bool:
    """Whether somebody locked its place since its gates were judged.

    Whoever was answered that it is locked can rely on it, so nobody takes a lock while the slot is taken.
    """
    await uow.locks.hold_still()
    passed = {id for each in deployment.verdicts if each.gate == LOCK.name for id in each.seen}
    found = in_its_way(await uow.locks.held(), deployment, uow.now)
    return any(each.id not in passed for each in found)


def _taken_by(lock: Lock, wanted: Scope) -> Locked:
    """Somebody else holds all of it; two holders would only stand in each other's way."""
    asked = f"Ask {lock.owner.name}"
    if lock.owner.kind is ActorKind.BOT:
        asked = f"An owner of the service ends it with `/unlock {lock.scope.typed}`"
    return Locked(
        f"{lock.owner.name} has locked {lock.scope} already.",
        lock.story,
        f"{asked}, or try again when it is free.",
        place_value(wanted),
    )


def _broken(lock: Lock, actor: Actor, reason: str) -> Text:
    text = line(Mention(actor.id, actor.name), " has broken your lock on ", bold(str(lock.scope)), ".")
    text += line(f"They say: “{clip(reason, STORY)}”")
    text += line(f"You had locked it for “{clip(lock.reason, STORY)}”. What waited for it may start now.")
    return text + line("If it must stay closed, talk to them and lock it again: ", code(_again(lock)))


def _again(lock: Lock) -> str:
    return f"/lock {lock.scope.typed} because ..."
