"""What people hear by direct message of what they asked for."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.naming import what_of
from bot.core.records import Deployment
from bot.core.text import NOTHING, Link, Text, bold, line, lines
from bot.core.visible import clip
from bot.slack.views.card import state_word

NOTE = 500  # characters of a reason
HEAD = "While you had quiet hours:"


def end_text(deployment: Deployment, card: str) -> Text:
    """What became of it, why, what next, and where its card is."""
    text = line(bold(f"#{deployment.number} {what_of(deployment.wish)}: {_word(deployment)}."))
    text += lines(clip(deployment.note, NOTE), clip(deployment.next_step, NOTE))
    return text + (line(Link(card, "Its card")) if card else NOTHING)


def later_text(texts: Iterable[Text]) -> Text:
    """All of it in one message; nothing where nothing is left to say."""
    found = [each for each in texts if each.lines]
    return sum(found, line(bold(HEAD))) if found else NOTHING


def _word(deployment: Deployment) -> str:
    return state_word(deployment.state).lower()
