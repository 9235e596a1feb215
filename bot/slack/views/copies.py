"""What channels get that only listen: the card without its buttons, and the summary of too much at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.actions import ActionId
from bot.core.effects import Announcement
from bot.core.naming import what_of
from bot.core.records import Deployment
from bot.core.text import Text, bold, code, line
from bot.slack.views import blocks
from bot.slack.views.blocks import Message
from bot.slack.views.card import state_word

MOST_LINES = 20
LOUD = frozenset(Announcement) - {Announcement.LOGGED, Announcement.RECOVERED, Announcement.WENT_BACK}


@dataclass(frozen=True, slots=True)
class Brief:
    """One line of a summary. What is loud waits for somebody, and comes first."""

    text: Text
    loud: bool = False


def copy_of(card: Message, url: str) -> Message:
    """The same to read. Who decides does so at the card, whose channel is for those who may."""
    shown = [each for each in card["blocks"] if each["type"] != "actions"]
    button = [blocks.button(ActionId.OPEN_RUN, "Open the card", url=url)] if url else []
    return blocks.message(card["text"], [*shown, *blocks.actions("buttons", button)])


def covered(number: int) -> Message:
    """In place of a card that people of other organisations would read by now."""
    said = f"#{number}: how it stands is not shown here any more."
    text = line(bold(said)) + line("People of other organisations read this channel by now.")
    return blocks.message(said, [blocks.rich(text + line(code(f"/state #{number}"), " shows it to you."))])


def brief(deployment: Deployment, said: Sequence[Announcement]) -> Brief:
    """As it stands now."""
    name = f"#{deployment.number} {what_of(deployment.wish)}"
    word = state_word(deployment.state).lower()
    loud = any(each in LOUD for each in said)
    text = line(bold(f"{name}: {word}"), f" {deployment.note}") if loud else line(f"{name}: {word}")
    return Brief(text, loud)


def summary(briefs: Sequence[Brief]) -> Message:
    """How much it was, and what first."""
    ordered = sorted(briefs, key=lambda each: not each.loud)
    more = "1 more event" if len(briefs) == 1 else f"{len(briefs)} more events"
    title = f"{more} in the last minute"
    text = line(bold(f"{title}, in one message so that this channel stays readable."))
    text = sum((each.text for each in ordered[:MOST_LINES]), text)
    left = len(ordered) - MOST_LINES
    if left > 0:
        text += line(f"… and {left} more.")
    text += line(code("/state"), " shows them all; ", code("/subscriptions"), " how to hear less.")
    first = "; ".join(each.text.plain() for each in ordered[:3])
    return blocks.message(f"{title}: {first}", [blocks.rich(text)])
