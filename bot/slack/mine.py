"""What somebody chose for themselves on their home tab; what it carries was offered by us."""

from __future__ import annotations

from datetime import time

from bot.core.actions import ActionId
from bot.core.errors import UserError
from bot.core.intents import Intent
from bot.core.my_settings import Change, Mentions, OwnEnds, QuietFrom, QuietSwitch, QuietUntil
from bot.core.my_settings_intents import ChangeMine
from bot.core.policy import Permission, authorise
from bot.core.values import Person
from bot.slack.asks import Pressed
from bot.slack.telling import awaited
from bot.slack.understanding import Conversation

MINE = frozenset(
    {
        ActionId.MENTION_ME,
        ActionId.TELL_MY_ENDS,
        ActionId.QUIET,
        ActionId.QUIET_FROM,
        ActionId.QUIET_UNTIL,
    }
)


def about_themselves(talk: Conversation, person: Person, pressed: Pressed) -> Intent | None:
    """What a press means that is about no deployment, but about whoever presses."""
    if pressed.action == ActionId.TELL_ME:
        return awaited(talk, person, pressed.value)
    if pressed.action in MINE:
        return chosen(talk, person, pressed.action, pressed.value)
    return None


def chosen(talk: Conversation, person: Person, action: str, value: str) -> ChangeMine:
    """For themselves alone; UserError for what the tab never offered."""
    authorise(Permission.SETTINGS, person, talk.around.catalog())
    try:
        change = _change(action, value)
    except ValueError:
        change = None
    if change is None:
        raise UserError("There is no such setting.", "", "Open your home tab anew and choose there.")
    return ChangeMine(change)


def _change(action: str, value: str) -> Change | None:
    if action == ActionId.MENTION_ME:
        return Mentions(value)
    if action == ActionId.TELL_MY_ENDS:
        return OwnEnds(value)
    if action == ActionId.QUIET:
        return QuietSwitch(value)
    if action == ActionId.QUIET_FROM:
        return QuietFrom(_minute(value))
    return QuietUntil(_minute(value)) if action == ActionId.QUIET_UNTIL else None


def _minute(value: str) -> time:
    """Hours and minutes, as the picker gives them."""
    hours, _, minutes = value.partition(":")
    return time(int(hours), int(minutes))
