"""What was to be said and is given up: kept for the operators, who are told and can have it tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.effects import (
    Announce,
    Answer,
    Effect,
    Notice,
    PostDigest,
    ShowCard,
    ShowHome,
    ShowRun,
    Summary,
    Tell,
    TellEnd,
    TellLater,
    TellRun,
    Unfurl,
)
from bot.core.text import Text, bold, line, sentence
from bot.core.visible import clip

LONGEST = 300  # characters of a reason
OWN = "given-up-"  # begins the id of what tells of it, so that nothing tells of that in turn


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One that nobody tries any more."""

    workspace: str
    id: str
    what: str
    where: str  # a channel or person; empty: wherever its card stands
    why: str
    asked_at: datetime
    given_up_at: datetime


def what_of(effect: Effect) -> tuple[str, str]:
    """What it was, and where it was to be said."""
    match effect:
        case ShowCard():
            return f"the card of deployment {effect.deployment}", effect.channel
        case Announce():
            return f"“{effect.what}” in the thread of deployment {effect.deployment}", effect.channel
        case ShowRun():
            return f"the card of run {effect.run.external_id} of {effect.run.repository}", effect.channel
        case TellRun():
            said = f"“{effect.change}” in the thread of run {effect.run.external_id}"
            return f"{said} of {effect.run.repository}", effect.channel
        case Answer():
            return "an answer to a person", effect.person
        case Tell():
            return "a message", effect.person
        case TellEnd():
            return f"the end of deployment {effect.deployment}", effect.person
        case TellLater():
            return "what came in quiet hours", effect.person
        case Unfurl():
            return "what stands behind a link", effect.channel
        case ShowHome():
            return "a home tab", effect.person
        case Notice():
            return "a notice", effect.channel
        case Summary():
            return "a summary", effect.channel
        case PostDigest():
            return "a digest", effect.channel


def notice(effect: Effect, why: str, channel: str) -> Tell:
    """For the operators; the first of each hour stands for all of it. What is hidden has no name there."""
    what, where = what_of(effect)
    if isinstance(effect, ShowRun | TellRun):
        what = "news of a run"
    place = f", to {where}," if where else ""
    brief = line(bold("Something could not be said and is given up."))
    text = brief + line(f"It was {what}{place} and there may be more: {clip(why, LONGEST)}")
    return Tell(channel, text + _how(), discreet=brief + _how())


def _how() -> Text:
    return sentence("`slipway outbox list` on the host shows all, `slipway outbox retry` tries again.")
