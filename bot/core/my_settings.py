"""What each person chooses for themselves: when they are mentioned, what they are told, and when not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum

from bot.core.errors import UserError


class Mentions(StrEnum):
    """When a message rings for them; otherwise it has their plain name."""

    ALWAYS = "always"
    NEEDED = "needed"  # when something is theirs to do
    NEVER = "never"


class OwnEnds(StrEnum):
    """Which ends of what they asked for they hear by direct message."""

    NEVER = "never"
    FAILURES = "failures"
    ALWAYS = "always"


class QuietSwitch(StrEnum):
    """Whether they have quiet hours."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time to another of their own clock; over midnight where the end is the earlier one."""

    starts: time
    ends: time

    @property
    def said(self) -> str:
        """As people read it."""
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True, slots=True)
class QuietFrom:
    """Another beginning of the quiet hours."""

    at: time


@dataclass(frozen=True, slots=True)
class QuietUntil:
    """Another end of the quiet hours."""

    at: time


NIGHT = QuietHours(time(22), time(7))  # what they begin with when somebody switches them on


@dataclass(frozen=True, slots=True)
class MySettings:
    """Of one person. As long as they chose nothing, they hear everything that they always heard."""

    mentions: Mentions = Mentions.ALWAYS
    ends: OwnEnds = OwnEnds.NEVER
    quiet: QuietHours | None = None


USUAL = MySettings()
Change = Mentions | OwnEnds | QuietSwitch | QuietFrom | QuietUntil


def changed(settings: MySettings, change: Change) -> MySettings:
    """The settings after it, or UserError."""
    match change:
        case Mentions():
            return replace(settings, mentions=change)
        case OwnEnds():
            return replace(settings, ends=change)
        case QuietSwitch.OFF:
            return replace(settings, quiet=None)
        case QuietSwitch.ON:
            return replace(settings, quiet=settings.quiet or NIGHT)
        case QuietFrom(at):
            return _between(settings, QuietHours(at, (settings.quiet or NIGHT).ends))
        case QuietUntil(at):
            return _between(settings, QuietHours((settings.quiet or NIGHT).starts, at))


def _between(settings: MySettings, hours: QuietHours) -> MySettings:
    if hours.starts == hours.ends:
        raise UserError(
            f"Quiet hours can't begin and end at {hours.starts:%H:%M}.",
            "Nobody could tell whether that is never or the whole day, so nothing was changed.",
            "Choose another time, or say “never” to mentions.",
        )
    return replace(settings, quiet=hours)


def said(change: Change) -> tuple[str, str]:
    """Which setting it is, and what it is now, for the audit trail."""
    match change:
        case Mentions():
            return "mentions", change.value
        case OwnEnds():
            return "own ends", change.value
        case QuietSwitch():
            return "quiet hours", change.value
        case QuietFrom(at):
            return "quiet hours from", f"{at:%H:%M}"
        case QuietUntil(at):
            return "quiet hours until", f"{at:%H:%M}"
