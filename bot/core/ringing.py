"""The one place that decides how a person is named in a message: as a mention, which rings, or by name only.

The rule is closed. A message is one of four calls, and a person chose when they are mentioned and when they
have quiet:

| the call | mentions: always | needed | never | in quiet hours |
|---|---|---|---|---|
| news: good to know | rings | name | name | name |
| task: theirs to do, and it can wait until morning | rings | rings | name | name |
| decision: nothing moves before somebody answers | rings | rings | name | name |
| urgent: it can't wait for the morning | rings | rings | name | rings |

Never does a setting hide what nobody else hears: where a decision or something urgent would ring for nobody
at all, it rings for everybody whom it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.core.calls import Call
from bot.core.effects import Announcement
from bot.core.following import RunChange
from bot.core.lifecycle import State
from bot.core.my_settings import USUAL, Mentions, MySettings
from bot.core.records import Deployment
from bot.core.text import Mention, Span, Text
from bot.core.values import HURRIES

FOR_SOMEBODY = frozenset({Call.DECISION, Call.URGENT})  # silence would be a decision, too


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is named: what they chose, and whether they have quiet now."""

    settings: MySettings = USUAL
    quiet: bool = False


def rings(call: Call, reader: Reader) -> bool:
    """By what this person chose alone."""
    wanted = reader.settings.mentions
    if wanted is Mentions.NEVER:
        return False
    match call:
        case Call.NEWS:
            return wanted is Mentions.ALWAYS and not reader.quiet
        case Call.TASK | Call.DECISION:
            return not reader.quiet
        case Call.URGENT:
            return True


def named(text: Text, call: Call, readers: Mapping[str, Reader]) -> Text:
    """The text with the plain name of everybody for whom it shall not ring."""
    called = mentioned_in(text)
    ringing = frozenset(each for each in called if rings(call, readers.get(each, Reader())))
    if not ringing and call in FOR_SOMEBODY:
        return text
    return Text(tuple(tuple(_named(span, ringing) for span in spans) for spans in text.lines))


def mentioned_in(text: Text) -> frozenset[str]:
    """For whom it would ring."""
    spans = (span for line in text.lines for span in line)
    return frozenset(each.person for each in spans if isinstance(each, Mention) and each.notify)


def _named(span: Span, ringing: frozenset[str]) -> Span:
    if not isinstance(span, Mention) or not span.notify or span.person in ringing:
        return span
    return replace(span, notify=False)


def call_of(deployment: Deployment, what: Announcement) -> Call:
    """What an announcement wants. In an emergency nothing that goes wrong waits for the morning."""
    match what:
        case Announcement.UNKNOWN | Announcement.UNVERIFIED:
            return Call.URGENT if deployment.wish.emergency else Call.DECISION
        case Announcement.APPROVAL | Announcement.REMINDER:
            return Call.DECISION
        case Announcement.FAILED:
            return _of_failure(deployment)
        case Announcement.NOTHING_STARTED | Announcement.STUCK:
            return Call.URGENT if deployment.wish.emergency else Call.TASK
        case Announcement.REVIEW:
            return Call.TASK
        case (
            Announcement.EMERGENCY
            | Announcement.ALARM  # another commit runs than the one that was asked for
            | Announcement.BYPASSED
            | Announcement.ALERT
        ):
            return Call.URGENT
        case Announcement.HANDED_OVER | Announcement.UNDONE | Announcement.RECOVERED | Announcement.WENT_BACK:
            return Call.NEWS
        case Announcement.LOGGED:
            return Call.NEWS


def call_of_run(change: RunChange) -> Call:
    """What is said of a run that nobody asked us for."""
    return Call.DECISION if change is RunChange.WAITS else Call.NEWS


def _of_failure(deployment: Deployment) -> Call:
    """A way back that failed leaves behind what was wrong, and nobody mends it by night."""
    mends = deployment.wish.kind in HURRIES or deployment.wish.emergency
    return Call.URGENT if mends and deployment.state is State.FAILED else Call.NEWS
