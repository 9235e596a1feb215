"""How somebody is named in a message: whoever is no person of the chat can't be mentioned there."""

from __future__ import annotations

from bot.core.text import Mention, Span, Words
from bot.core.values import Actor, ActorKind


def named_as(actor: Actor, *, notify: bool = False) -> Span:
    """A mention, or the plain name."""
    if actor.kind is ActorKind.PERSON:
        return Mention(actor.id, actor.name, notify=notify)
    return Words(actor.name)
