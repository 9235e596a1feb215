"""/unlock: end a lock, one's own or, with the right and a reason, somebody else's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import EndLock
from bot.core.lock_words import lock_spans, scope_of, visible_lock
from bot.core.locks import Lock, Scope, Waiter
from bot.core.people import is_member
from bot.core.policy import Permission, authorise_scope
from bot.core.text import Text, bold, code, line
from bot.core.values import ActorKind, Person
from commands._anew import asker_anew


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str | None = arg(ArgKind.SERVICE, "the service that was locked", default=None)
    environment: str | None = arg(
        ArgKind.ENVIRONMENT, "the environment that was locked", filler=("in", "on"), default=None
    )
    everything: bool = arg(
        ArgKind.FLAG, "the lock on all services in all environments", word="everything", default=False
    )
    reason: str = arg(
        ArgKind.REST, "why; needed for somebody else's lock, and told to them", word="because", default=""
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """What waited for it starts at once."""
    everywhere = await ctx.locks.held(ctx.workspace)
    held = tuple(
        each for each in everywhere if each.is_of(ctx.actor) or visible_lock(ctx.person, ctx.catalog, each)
    )
    if not (args.everything or args.service or args.environment):
        return Reply(_list(held, await ctx.locks.waiters(ctx.workspace)))
    scope = scope_of(ctx.catalog, "unlock", args.everything, args.service, args.environment)
    lock = next((each for each in held if each.scope == scope), None)
    if lock is None:
        raise _not_locked(scope, held)
    if lock.is_of(ctx.actor):
        return Reply(_free(scope, "What waited for it goes on now."), (EndLock(lock, args.reason),))
    person = await asker_anew(ctx)
    if _got_it(ctx, person, lock):
        reply = _free(scope, "What waited for it goes on now.")
        return Reply(reply, (EndLock(lock, args.reason, as_owner=True),))
    authorise_scope(Permission.BREAK_LOCK, person, ctx.catalog, scope)
    told = f" {lock.owner.name} is told." if lock.owner.kind is ActorKind.PERSON else ""
    if not args.reason:
        raise UserError(
            f"Why do you break the lock of {lock.owner.name}?",
            lock.story,
            f"Say it: `/unlock {scope.typed} because ...`.{told}",
        )
    text = _free(scope, f"{told} What waited for it goes on now.".strip())
    return Reply(text, (EndLock(lock, args.reason),))


def _got_it(ctx: Context, person: Person, lock: Lock) -> bool:
    """Whether it is for the owners of a service to end, and this is one of them."""
    name = lock.owner.id if lock.owner.kind is ActorKind.OWNERS else None
    if lock.owner.kind is ActorKind.BOT:
        name = lock.scope.service
    service = ctx.catalog.service(name) if name else None
    return service is not None and is_member(service.owners, person)


def _list(held: tuple[Lock, ...], waiters: tuple[Waiter, ...]) -> Text:
    if not held:
        return line("Nothing is locked.")
    text = line(bold("What is locked"))
    for each in held:
        text += line(code(f"/unlock {each.scope.typed}"), " · ", *lock_spans(each))
        waiting = [one.person.name for one in waiters if each.scope.covers(one.scope)]
        text += line(f"Waiting for it: {', '.join(dict.fromkeys(waiting))}.") if waiting else Text(())
    return text


def _free(scope: Scope, more: str) -> Text:
    return line("Unlocked: ", bold(str(scope)), ".") + line(more)


def _not_locked(scope: Scope, held: tuple[Lock, ...]) -> UserError:
    """Locks of a wider or narrower scope have to be named as they were made."""
    near = [each for each in held if each.scope.covers(scope) or scope.covers(each.scope)]
    if not near:
        return UserError(f"There is no lock on {scope}.", "", "`/unlock` alone lists what is locked.")
    named = ", ".join(f"`/unlock {each.scope.typed}` ({each.owner.name})" for each in near)
    return UserError(f"There is no lock on just {scope}.", "Others have to do with it.", f"Try {named}.")


COMMAND = Command(
    name="unlock",
    arguments=Arguments,
    permission=Permission.UNLOCK,
    summary="End a lock, or list what is locked",
    examples=(
        "/unlock",
        "/unlock production",
        "/unlock api production because Ada is away and it is fixed",
    ),
    run=run,
)
