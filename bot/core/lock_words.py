"""What `/lock`, `/unlock` and `/state` share: which places the words mean, and how a lock is told."""

from __future__ import annotations

import json

from bot.core.catalog import Catalog
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.locks import STORY, Lock, Scope, against
from bot.core.policy import visible
from bot.core.records import Wish
from bot.core.text import Icon, Mention, Moment, Span, Text, line
from bot.core.values import HURRIES, ActorKind, Person
from bot.core.visible import clip


def scope_of(
    catalog: Catalog, command: str, everything: bool, service: str | None, environment: str | None
) -> Scope:
    """The places that were named, or UserError."""
    if not everything and service is None and environment is None:
        raise UserError(
            f"What do you want to {command}?",
            "Name a service, an environment, both, or `everything`.",
            f"For example: `/{command} api production because incident 4711`",
        )
    if everything and (service or environment):
        raise UserError(
            f"`everything` and `{service or environment}` can't both be meant.",
            "`everything` is all services in all environments.",
            "Leave one of them out.",
        )
    found = catalog.service(service) if service else None
    if found is not None and environment is not None and found.environment(environment) is None:
        names = ", ".join(each.name for each in found.environments)
        raise UserError(f"There is no `{environment}` of `{service}`.", f"There are {names}.", "")
    return Scope(service, environment)


def place_value(scope: Scope) -> str:
    """What a button carries that has to do with these places."""
    return json.dumps({"s": scope.service, "e": scope.environment}, separators=(",", ":"))


def read_place(text: str) -> Scope:
    """What `place_value` wrote, or UserError for anything else."""
    try:
        plain = json.loads(text)
        service, environment = plain["s"], plain["e"]
    except (ValueError, KeyError, TypeError, RecursionError):
        service = environment = ()
    if not (isinstance(service, str | None) and isinstance(environment, str | None)):
        raise UserError("This button is not one of ours.", "", "`/state` shows what is locked.")
    return Scope(service, environment)


def visible_lock(person: Person, catalog: Catalog, lock: Lock) -> bool:
    """Whether this person may know of it: that of a hidden service is hidden too."""
    service = catalog.service(lock.scope.service) if lock.scope.service else None
    return lock.scope.service is None or (service is not None and visible(person, service))


async def in_the_way(ctx: Context, wish: Wish) -> Text:
    """Say at once who has locked the place against the one who asks."""
    held = await ctx.locks.held(ctx.workspace)
    text = Text(())
    for each in against(held, ctx.actor, Scope(wish.service, wish.environment), ctx.now):
        if each.spares is None:
            text += line(Icon("lock"), " ", *lock_spans(each), ". It starts by itself when it is free.")
        elif wish.kind not in HURRIES:
            text += line(Icon("lock"), " ", *lock_spans(each), ". Only a fix of what was rolled back goes.")
    return text


def lock_spans(lock: Lock) -> list[Span | str]:
    """Who, what, why, since when and until when, each reader's own time."""
    by_person = lock.owner.kind is ActorKind.PERSON
    owner: Span | str = Mention(lock.owner.id, lock.owner.name) if by_person else lock.owner.name
    spans: list[Span | str] = [owner, f" has locked {lock.scope} since ", Moment(lock.since)]
    spans += [" until ", Moment(lock.until)] if lock.until else [", until it is unlocked"]
    return [*spans, f": “{clip(lock.reason, STORY)}”"]
