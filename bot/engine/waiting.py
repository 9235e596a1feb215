"""The waiting list of the locks: who asked to be told, and whose turn it is when something is free.

An end is told in the commit that makes it. A lock that ends by its time is told by a look at that time; it
counts for nothing from then on, whether or not anybody looks.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.calls import Call
from bot.core.effects import Tell
from bot.core.events import LockAwaited, WaiterTold
from bot.core.lock_words import lock_spans
from bot.core.locks import Lock, Scope, Waiter, against
from bot.core.ports import UnitOfWork
from bot.core.records import Lease
from bot.core.steps import Step
from bot.core.text import Mention, Moment, Span, Text, bold, code, line
from bot.core.values import SLIPWAY, Actor
from bot.engine.again import NEVER, Again
from bot.engine.world import World, work_key

WAITERS_KEY = "lock waiters"  # under which the end of the next lock is looked at


async def join(uow: UnitOfWork, scope: Scope, person: Actor) -> Text:
    """What they are answered. No lock ends between the look and the wish, or nobody would ever tell."""
    await uow.locks.hold_still()
    others = against(await uow.locks.held(), person, scope, uow.now)
    if not others:
        return line(bold(str(scope)), " is free already.")
    await uow.waiting_list.join(scope, person)
    await uow.record(LockAwaited(scope.service or "", scope.environment or ""), person)
    await want_next_end(uow)
    waiters = [each for each in await uow.waiting_list.all() if each.scope.meets(scope)]
    before = _earlier(waiters, person)
    text = line("You will be told when ", bold(str(scope)), " is free.")
    text += line(*lock_spans(others[0]), ".")
    return text + (line("Before you: ", *_named(before), ".") if before else Text(()))


async def leave(uow: UnitOfWork, scope: Scope, person: Actor) -> None:
    """Whoever holds it now needs no telling."""
    for waiter in await uow.waiting_list.all():
        if waiter.person.id == person.id and scope.covers(waiter.scope):
            await uow.waiting_list.leave(waiter)


async def tell(uow: UnitOfWork) -> None:
    """Everybody whose way is free now, once; each hears who asked before them."""
    held = await uow.locks.held()
    waiters = await uow.waiting_list.all()
    free = [each for each in waiters if not against(held, each.person, each.scope, uow.now)]
    for number, waiter in enumerate(free):
        if not await uow.waiting_list.leave(waiter):
            continue  # somebody else tells them
        before = _earlier([each for each in free[:number] if each.scope.meets(waiter.scope)], waiter.person)
        scope = waiter.scope
        told = WaiterTold(scope.service or "", scope.environment or "", waiter.person.id)
        await uow.record(told, SLIPWAY)
        await uow.show(Tell(waiter.person.id, _turn(waiter, before), call=Call.URGENT))  # as they asked


async def freed(uow: UnitOfWork, locks: Iterable[Lock]) -> None:
    """Whoever waits for one of them goes on, or reads who holds it now; and those who asked are told."""
    for id in dict.fromkeys([id for lock in locks for id in await uow.locks.waiting(lock.scope)]):
        await uow.work.want(work_key(id))
    await tell(uow)


async def want_next_end(uow: UnitOfWork) -> None:
    """Somebody waits: look again when the next lock ends by its time."""
    ends = [each.until for each in await uow.locks.held() if each.until is not None]
    if ends and await uow.waiting_list.all():
        await uow.work.want(WAITERS_KEY, min(ends))


async def look(world: World, lease: Lease) -> Again:
    """A lock has ended, perhaps."""
    async with world.units.begin(lease.workspace, Step.TELL_WAITERS, lease=lease) as uow:
        await tell(uow)
        await want_next_end(uow)
    return NEVER


def _earlier(waiters: list[Waiter], person: Actor) -> list[Waiter]:
    """Those in front of this person."""
    ids = [each.person.id for each in waiters]
    return waiters[: ids.index(person.id)] if person.id in ids else waiters


def _named(waiters: list[Waiter]) -> list[Span | str]:
    spans: list[Span | str] = []
    for each in waiters:
        spans += [", " if spans else "", Mention(each.person.id, each.person.name)]
    return spans


def _turn(waiter: Waiter, before: list[Waiter]) -> Text:
    scope = waiter.scope
    lead: tuple[Span | str, ...] = ("It is your turn: ",) if not before else ()
    text = line(*lead, bold(str(scope)), " is free.")
    text += line("You asked for this ", Moment(waiter.since), ".")
    if before:
        text += line("These asked before you, so talk to them first: ", *_named(before), ".")
    return text + line("To keep it for yourself: ", code(f"/lock {scope.typed} for 1h because ..."))
