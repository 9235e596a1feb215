"""How people and deployments are named in a message."""

from __future__ import annotations

from bot.core.records import Wish
from bot.core.text import Mention, Span, Words
from bot.core.values import Actor, ActorKind, Kind


def named_as(actor: Actor, *, notify: bool = False) -> Span:
    """A mention; whoever is no person of the chat can't be mentioned there and has the plain name."""
    if actor.kind is ActorKind.PERSON:
        return Mention(actor.id, actor.name, notify=notify)
    return Words(actor.name)


def what_of(wish: Wish) -> str:
    """What is done where: `api to production`, `rollback of api in production`, `release.yml of api`."""
    match wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE:
            return f"{wish.service} to {wish.environment}"
        case Kind.ROLLBACK:
            return f"rollback of {wish.service} in {wish.environment}"
        case Kind.RESTORE:
            return f"restore of the database of {wish.service} in {wish.environment}"
        case Kind.RUN:
            return f"{wish.environment} of {wish.service}"


def done(wish: Wish) -> str:
    """What became of it when it went well: `deployed`, `rolled back`."""
    match wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE:
            return "deployed"
        case Kind.ROLLBACK:
            return "rolled back"
        case Kind.RESTORE:
            return "restored"
        case Kind.RUN:
            return "done"
