"""When a deployment is to start, as people say it: `tomorrow 09:00`, `monday 9am`, `2026-12-01 14:00`.

The time is that of a wall clock. One that comes twice in a night is taken the first time, and one that is
skipped is the moment at which the clock is turned over it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import available_timezones

from bot.core.durations import format_duration, parse_time_of_day
from bot.core.errors import UserError
from bot.core.nearest import nearest
from bot.core.wall_clock import WallClock

GRACE = timedelta(minutes=30)  # what has not started by then does not run
FURTHEST = timedelta(days=90)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)
_HOW = "Write `09:00`, `tomorrow 09:00`, `monday 9am` or `2026-12-01 14:00`, and a zone if it is not yours."


@dataclass(frozen=True, slots=True)
class Due:
    """A moment, and the zone in which it was meant."""

    at: datetime
    zone: str

    @property
    def said(self) -> str:
        """In full, as people read it."""
        return WallClock(self.zone).said(self.at)

    @property
    def written(self) -> str:
        """In full, as `read_due` reads the same again."""
        return f"{WallClock(self.zone).reading(self.at):%Y-%m-%d %H:%M} {self.zone}"


@dataclass(frozen=True, slots=True)
class _Words:
    """A phrase, taken apart."""

    day: str  # empty: the next time that the clock shows it
    clock: time
    zone: str  # as it was written; empty: the reader's


def reads_as_time(text: str) -> bool:
    """Whether this is a time at all, so that the grammar knows where the phrase ends."""
    return _taken_apart(text) is not None


def in_full(text: str) -> bool:
    """Whether nothing is left to guess: a date, a time and a zone."""
    words = _taken_apart(text)
    return words is not None and bool(words.zone and _DATE.fullmatch(words.day))


def read_clock(text: str) -> tuple[time, str] | None:
    """A time of day that names no day, and the zone where one is named."""
    words = _taken_apart(text)
    if words is None or words.day:
        return None
    return words.clock, _zone(words.zone) if words.zone else ""


def read_zone(word: str) -> str | None:
    """The zone as it is written in full, if it is one."""
    return _zones().get(word.lower())


def read_due(text: str, now: datetime, zone: str) -> Due:
    """The moment, or UserError; `zone` is the reader's own."""
    words = _taken_apart(text)
    if words is None:
        raise UserError(f"`{text}` is no time.", "", _HOW)
    name = _zone(words.zone) if words.zone else _zones().get(zone.lower(), "UTC")
    clock = WallClock(name)
    today = clock.reading(now)
    days = _days(words.day, today)
    try:
        moments = [clock.first(datetime.combine(day, words.clock)) for day in days]
    except OverflowError:  # at either end of the calendar no zone can be counted in
        raise _too_far(f"`{text}`") if days[0] > today.date() else _passed(f"`{text}`") from None
    due = next((Due(at, name) for at in moments if at > now), Due(moments[-1], name))
    if due.at <= now:
        raise _passed(due.said)
    if due.at - now > FURTHEST:
        raise _too_far(due.said)
    return due


def _passed(said: str) -> UserError:
    return UserError(f"{said} has passed.", "", "Name a later time, or leave `at` out.")


def _too_far(said: str) -> UserError:
    return UserError(
        f"{said} is too far away.",
        f"A deployment can be scheduled for the next {format_duration(FURTHEST)}.",
        "Ask for it when it is nearer.",
    )


def _taken_apart(text: str) -> _Words | None:
    words = text.lower().split()
    zone = words.pop() if words and _is_zone(words[-1]) else ""
    for length in (2, 1):  # 9 am, 9am
        clock = parse_time_of_day(" ".join(words[-length:])) if len(words) >= length else None
        if clock is not None:
            day = " ".join(words[:-length])
            return _Words(day, clock, zone) if _is_day(day) else None
    return None


def _is_zone(word: str) -> bool:
    return "/" in word or word in _zones()  # what only looks like one is told of as a zone


def _is_day(text: str) -> bool:
    if text in ("", "today", "tomorrow"):
        return True
    if _DATE.fullmatch(text):
        return _date(text) is not None
    return _weekday(text.removeprefix("next ")) is not None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _weekday(text: str) -> int | None:
    if len(text) < 3:
        return None
    return next(
        (number for number, name in enumerate(_WEEKDAYS) if name in (text, text + "day") or name[:3] == text),
        None,
    )


def _days(text: str, shown: datetime) -> list[date]:
    """The days that may be meant, the nearest first; `shown` is what the clock reads now."""
    today = shown.date()
    if text in ("", "today", "tomorrow"):
        return {"": [today, today + _DAY], "today": [today], "tomorrow": [today + _DAY]}[text]
    named = _date(text)
    if named is not None:
        return [named]
    wanted = _weekday(text.removeprefix("next "))
    ahead = ((wanted or 0) - today.weekday()) % 7
    if text.startswith("next ") and ahead == 0:
        return [today + 7 * _DAY]
    return [today + ahead * _DAY, today + (ahead + 7) * _DAY]


def _zone(word: str) -> str:
    found = _zones().get(word)
    if found is None:
        near = nearest(word, list(_zones()))
        hint = f"Did you mean `{_zones()[near]}`?" if near else ""
        raise UserError(f"`{word}` is no time zone.", hint, "Write one such as Europe/London.")
    return found


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}
