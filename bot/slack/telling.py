"""The button "Tell me when it is free", on cards and below refusals; what it carries was drawn by us."""

from __future__ import annotations

from bot.core.errors import UserError
from bot.core.intents import AwaitFree
from bot.core.lock_words import read_place
from bot.core.policy import Permission, authorise, visible
from bot.core.values import Person
from bot.slack.understanding import Conversation


def awaited(talk: Conversation, person: Person, value: str) -> AwaitFree:
    """What pressing it means; UserError for a place that this person knows nothing of."""
    scope = read_place(value)
    talk.service, talk.environment = scope.service or "", scope.environment or ""
    catalog = talk.around.catalog()
    service = catalog.service(scope.service) if scope.service else None
    if scope.service and (service is None or not visible(person, service)):
        raise UserError("There is no such service.", "", "`/state` shows what there is.")
    authorise(Permission.AWAIT_LOCK, person, catalog)
    return AwaitFree(scope)
