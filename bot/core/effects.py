"""What shall be shown to people. The outbox keeps these; the messenger carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.calls import Call
from bot.core.following import RunChange, run_key
from bot.core.runs import RunRef
from bot.core.schedules import Schedule, Window
from bot.core.tails import Tail
from bot.core.text import NOTHING, Text
from bot.core.values import DeploymentId

PEOPLE = ("U", "W")  # begin the ids of people; channels have others
COPY = "@"  # in the key of a copy: between the deployment and the channel


class Announcement(StrEnum):
    """New messages in a card's thread; an edit of the card rings for nobody."""

    FAILED = "failed"
    LOGGED = "logged"  # what its run wrote when it failed
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
    NOTHING_STARTED = "nothing_started"  # a minute after the dispatch
    STUCK = "stuck"  # it takes much longer than it usually does
    ALARM = "alarm"  # a run of another commit than the one asked for
    RECOVERED = "recovered"  # it works again where the last one failed
    WENT_BACK = "went_back"  # an earlier release runs again


def card_key(deployment: DeploymentId, channel: str) -> str:
    """The key of the card of a deployment, or of its copy in a channel."""
    return f"{deployment}{COPY}{channel}" if channel else deployment


def deployment_of(card: str) -> DeploymentId:
    """Whose card, or copy of a card, has this key."""
    return DeploymentId(card.partition(COPY)[0])


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Bring the card of a deployment up to its present state; the newest state wins.

    With a channel: a copy for those there, who asked to hear of it. It follows the card.
    """

    deployment: DeploymentId
    channel: str = ""

    @property
    def card(self) -> str:
        """What tells the messages of one deployment apart."""
        return card_key(self.deployment, self.channel)


@dataclass(frozen=True, slots=True)
class Announce:
    """Say it once in the thread, with a mention; with a channel in that of the copy there."""

    deployment: DeploymentId
    what: Announcement
    channel: str = ""
    tail: Tail | None = None  # what was read for it, and is kept nowhere else

    @property
    def card(self) -> str:
        """In whose thread it stands."""
        return card_key(self.deployment, self.channel)


@dataclass(frozen=True, slots=True)
class ShowRun:
    """Bring the card of a run that nobody asked us for up to its present state, in this channel.

    Without a channel: those that stand, wherever that is; none is posted.
    """

    run: RunRef
    channel: str = ""

    @property
    def key(self) -> str:
        """What all the cards of the run have in common."""
        return run_key(self.run)

    @property
    def card(self) -> str:
        """One for each run and channel."""
        return f"{self.key}{COPY}{self.channel}"


@dataclass(frozen=True, slots=True)
class TellRun:
    """Say once in the thread of that card what became of this attempt, or with a tail what it wrote."""

    run: RunRef
    attempt: int
    change: RunChange
    channel: str
    tail: Tail | None = None  # what was read for it, and is kept nowhere else

    @property
    def card(self) -> str:
        """In whose thread it stands."""
        return ShowRun(self.run, self.channel).card


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
    call: Call = Call.NEWS  # what it wants of those whom it names, or of whom it is for


@dataclass(frozen=True, slots=True)
class TellEnd:
    """Tell whoever asked for it how it ended, by direct message, if they want that when it is shown."""

    deployment: DeploymentId
    person: str


@dataclass(frozen=True, slots=True)
class ShowHome:
    """Bring a person's home tab up to what is on record when it is shown."""

    person: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One message in a channel that asked to hear of what has no card."""

    channel: str
    text: Text
    external: bool = False  # whether people of other organisations may read it


Card = ShowCard | ShowRun
Said = Announce | TellRun
Heard = Card | Said | Notice  # by whoever asked to


@dataclass(frozen=True, slots=True)
class Summary:
    """What was too much for a channel in one minute, in one message."""

    channel: str
    held_back: tuple[Heard, ...] = ()  # as they were asked for; read when it is shown


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


@dataclass(frozen=True, slots=True)
class TellLater:
    """What came while somebody had quiet hours, in one direct message, as far as it still says something."""

    person: str
    held_back: tuple[Tell | TellEnd, ...] = ()  # as they were asked for; read when it is shown


@dataclass(frozen=True, slots=True)
class Unfurl:
    """Show what stands behind a link, below the message in which this person wrote it."""

    channel: str
    ts: str
    person: str
    url: str


Effect = (
    ShowCard
    | ShowRun
    | Unfurl
    | Announce
    | TellRun
    | Answer
    | Tell
    | TellEnd
    | TellLater
    | ShowHome
    | Notice
    | Summary
    | PostDigest
)


def may_wait(effect: Effect) -> str | None:
    """Whose quiet hours it waits for; None for what is said in channels, and for what can't wait."""
    match effect:
        case Tell(person, call=call) if person.startswith(PEOPLE) and call is not Call.URGENT:
            return person
        case TellEnd(person=person) | TellLater(person):
            return person
        case ShowRun() | TellRun() | Unfurl():
            return None
        case Tell() | Answer() | ShowHome() | ShowCard() | Announce() | Notice() | Summary() | PostDigest():
            return None


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands in the chat."""

    channel: str
    ts: str
