"""Cron lines of five fields, read as a wall clock: 0 and 7 are Sunday, both day fields given means either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, word: str) -> int:
        if word.lower() in self.names:
            return self.names.index(word.lower()) + self.low
        if not (word.isascii() and word.isdecimal()) or not self.low <= int(word) <= self.high:
            raise ValueError(f"{word!r} is no {self.name}")
        return int(word)


_FIELDS = (
    _Field("minute (0-59)", 0, 59),
    _Field("hour (0-23)", 0, 23),
    _Field("day of the month (1-31)", 1, 31),
    _Field("month (1-12 or JAN-DEC)", 1, 12, _MONTHS),
    _Field("day of the week (0-7 or SUN-SAT)", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """The times a cron line names."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def names(self, local: datetime) -> bool:
        """Whether the line names this minute of the wall clock."""
        if local.minute not in self.minutes or local.hour not in self.hours:
            return False
        return local.month in self.months and self._day(local)

    def backwards(self, latest: datetime, earliest: datetime) -> Iterator[datetime]:
        """The minutes that the line names, from the latest back to the earliest."""
        hours, minutes = sorted(self.hours, reverse=True), sorted(self.minutes, reverse=True)
        day = latest.replace(hour=0, minute=0, second=0, microsecond=0)
        while day >= earliest - timedelta(days=1):
            if day.month in self.months and self._day(day):
                near = (hour for hour in hours if day.replace(hour=hour) <= latest)
                moments = (day.replace(hour=hour, minute=minute) for hour in near for minute in minutes)
                yield from (each for each in moments if earliest <= each <= latest)
            day -= timedelta(days=1)

    def _day(self, local: datetime) -> bool:
        by_date = local.day in self.days
        by_week = local.isoweekday() % 7 in self.weekdays
        return by_date or by_week if self.either_day else by_date and by_week


def parse_cron(line: str) -> Cron:
    """The line's times, or ValueError with a plain sentence."""
    words = line.split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"a cron line has five fields, minute to day of the week; this has {len(words)}")
    minutes, hours, days, months, weekdays = (
        _values(word, field) for word, field in zip(words, _FIELDS, strict=True)
    )
    either = not words[2].startswith("*") and not words[4].startswith("*")
    return Cron(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)


def _values(word: str, field: _Field) -> frozenset[int]:
    return frozenset(value for part in word.split(",") for value in _part(part, field))


def _part(part: str, field: _Field) -> range:
    span, slash, step = part.partition("/")
    stride = _stride(step, part) if slash else 1
    if span == "*":
        return range(field.low, field.high + 1, stride)
    first, dash, last = span.partition("-")
    low = field.number(first)
    high = field.number(last) if dash else (field.high if slash else low)
    if high == 0 and low > 0 and field.names is _DAYS:
        high = 7  # FRI-SUN
    if high < low:
        raise ValueError(f"{part!r} runs backwards")
    return range(low, high + 1, stride)


def _stride(step: str, part: str) -> int:
    if not (step.isascii() and step.isdecimal()) or int(step) == 0:
        raise ValueError(f"{part!r} has no step after the slash")
    return int(step)
