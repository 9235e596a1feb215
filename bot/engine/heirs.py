"""The locks of somebody who left: each part goes to the owners of its service, and ends where there are none.

A lock can cover many services, and nobody owns them all. So each service gets a lock of its own, which is as
long as the old one was, and which its owners can end without breaking it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.catalog import Catalog, Environment, Service
from bot.core.effects import Tell
from bot.core.events import LockPassed
from bot.core.locks import STORY, Lock, Scope, longest_first, owners_of
from bot.core.ports import UnitOfWork
from bot.core.text import NOTHING, Moment, Span, Text, bold, code, line
from bot.core.values import SLIPWAY, Actor
from bot.core.visible import clip
from bot.engine import waiting
from bot.engine.locking import ended


@dataclass(frozen=True, slots=True)
class _Legacy:
    """What the owners of one service got, and where they are told."""

    service: Service
    channel: str | None
    lock: Lock


async def pass_on(uow: UnitOfWork, leaver: Actor, catalog: Catalog) -> int:
    """How many locks they had. Whoever waited and is free now is told as when a lock ends."""
    await waiting.leave(uow, Scope(), leaver)
    theirs = longest_first(each for each in await uow.locks.held() if each.is_of(leaver))
    gone = [lock for lock in theirs if await uow.locks.release(lock)]
    legacies = [each for lock in gone for each in await _divide(uow, lock, catalog)]
    for lock in gone:
        await uow.record(ended(lock, f"{leaver.name} has left."), SLIPWAY)
    for each in legacies:
        await uow.record(_passed(each.lock, leaver), SLIPWAY)
    if gone:
        await waiting.freed(uow, gone)
        await waiting.want_next_end(uow)
    await _tell(uow, leaver, legacies, catalog)
    return len(gone)


async def _divide(uow: UnitOfWork, lock: Lock, catalog: Catalog) -> list[_Legacy]:
    """What somebody else holds already, or the owners from a longer lock, stays as it is."""
    taken = {each.scope for each in await uow.locks.held()}
    found = []
    for service, environment in _firsts(lock.scope, catalog):
        scope, heirs = Scope(service.name, lock.scope.environment), owners_of(service.name)
        if not service.owners or scope in taken:
            continue
        kept = await uow.locks.take(scope, heirs, lock.reason, lock.until)
        if kept.is_of(heirs):  # or somebody was quicker
            channel = catalog.channel_of(service, environment) or catalog.channels.audit
            found.append(_Legacy(service, channel, replace(kept, since=lock.since)))
    return found


def _firsts(scope: Scope, catalog: Catalog) -> list[tuple[Service, Environment]]:
    """Each service that it covers, with the first of its places."""
    found: dict[str, tuple[Service, Environment]] = {}
    for service, environment in scope.places(catalog):
        found.setdefault(service.name, (service, environment))
    return list(found.values())


def _passed(lock: Lock, leaver: Actor) -> LockPassed:
    until = lock.until.isoformat() if lock.until else ""
    scope = lock.scope
    return LockPassed(lock.id, scope.service or "", scope.environment or "", leaver.name, lock.reason, until)


async def _tell(uow: UnitOfWork, leaver: Actor, legacies: list[_Legacy], catalog: Catalog) -> None:
    """One message for each channel. The auditors are not told of what not everybody may know."""
    for channel in dict.fromkeys(each.channel for each in legacies if each.channel is not None):
        here = [each for each in legacies if each.channel == channel]
        if channel == catalog.channels.audit:
            here = [each for each in here if each.service.visible_to is None]
        text = sum((_told(each, leaver) for each in here), NOTHING)
        if not text.lines:
            continue
        brief = line("Somebody has left, and a lock of theirs passed to the owners of a service.")
        discreet = brief + line(code("/unlock"), " lists what is locked.")
        external = all(each.service.external for each in here)
        await uow.show(Tell(channel, text, discreet=NOTHING if external else discreet))


def _told(legacy: _Legacy, leaver: Actor) -> Text:
    lock, service = legacy.lock, legacy.service
    owners = ", ".join(each.name for each in service.owners)
    text = line(bold(f"{leaver.name} has left. Their lock on {lock.scope} passes to {owners}."))
    until: tuple[Span | str, ...] = (
        (" until ", Moment(lock.until)) if lock.until else (", until it is unlocked",)
    )
    text += line("Since ", Moment(lock.since), *until, f": “{clip(lock.reason, STORY)}”")
    how = code(f"/unlock {lock.scope.typed}")
    return text + line("It stays in force, for everybody. Whoever owns the service ends it: ", how)
