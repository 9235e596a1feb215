"""What shall be shown to people. The outbox keeps these; the messenger carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.schedules import Schedule, Window
from bot.core.text import NOTHING, Text
from bot.core.values import DeploymentId


class Announcement(StrEnum):
    """New messages in a card's thread; an edit of the card rings for nobody."""

    FAILED = "failed"
    UNKNOWN = "unknown"
    UNVERIFIED = "unverified"  # nobody can say whether it works
    APPROVAL = "approval"  # people are asked to decide
    REMINDER = "reminder"  # they are asked once more
    HANDED_OVER = "handed_over"  # somebody let a newer request replace it
    EMERGENCY = "emergency"  # somebody broke the glass
    REVIEW = "review"  # an emergency was not reviewed in time
    BYPASSED = "bypassed"  # something got past us
    ALERT = "alert"  # its source confirmed that one fires
    UNDONE = "undone"  # those who wrote what a rollback took away hear of it
    ALARM = "alarm"  # a run of another commit than the one asked for


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Bring the card of a deployment up to its present state; the newest state wins."""

    deployment: DeploymentId


@dataclass(frozen=True, slots=True)
class Announce:
    """Say it once in the thread, with a mention."""

    deployment: DeploymentId
    what: Announcement


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to approve or reject: what it is, and what its two buttons carry."""

    number: int
    text: Text
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Tell one person, where they asked, for their eyes only; without a channel by direct message."""

    person: str
    channel: str
    text: Text
    response_url: str = ""
    offer: str = ""  # the ActionId of one button below the text
    offer_value: str = ""
    offer_label: str = ""  # where it is not the usual one
    link_of: str = ""  # the attempt to link accounts whose address is added when it is shown
    choices: tuple[Choice, ...] = ()
    below: Text = NOTHING  # what stands below the choices


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell one person by direct message, where no channel can say it; or a channel what has no card."""

    person: str
    text: Text
    code_of: str = ""  # what the code stands for that is added when it is shown, and never kept
    discreet: Text = NOTHING  # what a channel gets instead that people of other organisations read


@dataclass(frozen=True, slots=True)
class ShowHome:
    """Bring a person's home tab up to what is on record when it is shown."""

    person: str


@dataclass(frozen=True, slots=True)
class PostDigest:
    """A digest message of one window; what it says is read when it is posted."""

    channel: str
    job: str
    schedule: Schedule
    services: tuple[str, ...]  # none: those that belong there
    window: Window
    by_catalog: bool = False
    by: str = ""  # the person who asked for it in chat


Effect = ShowCard | Announce | Answer | Tell | ShowHome | PostDigest


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands in the chat."""

    channel: str
    ts: str
