"""Durations and times of day as people write them: `90s`, `30m`, `2h`, `7d`, `1h30m`; `09:00`, `9am`."""

from __future__ import annotations

import re
from datetime import time, timedelta

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?(am|pm)?", re.ASCII)
LONGEST = timedelta(days=3_650)


def parse_duration(text: str) -> timedelta | None:
    """The duration, or None; the largest unit comes first, each at most once, and the sum is positive."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        return None
    amounts = zip(match.groups(), _UNITS.values(), strict=True)
    seconds = sum(int(amount) * unit for amount, unit in amounts if amount is not None)
    length = timedelta(seconds=seconds)
    return length if timedelta() < length <= LONGEST else None


def format_duration(length: timedelta) -> str:
    """The shortest way to write it so that `parse_duration` reads the same again; whole seconds only."""
    left = int(length.total_seconds())
    words = []
    for unit, size in _UNITS.items():
        amount, left = divmod(left, size)
        if amount:
            words.append(f"{amount}{unit}")
    return "".join(words) or "0s"


def parse_time_of_day(text: str) -> time | None:
    """`09:00`, `9:30`, `9am`, `12:15 pm`, `noon`, `midnight`; a bare number is no time."""
    word = text.strip().lower()
    if word in ("noon", "midnight"):
        return time(12) if word == "noon" else time(0)
    match = _TIME.fullmatch(word)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if minute > 59 or not _hour_fits(hour, minute_given=match[2] is not None, half=half):
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


def _hour_fits(hour: int, *, minute_given: bool, half: str | None) -> bool:
    if half:
        return 1 <= hour <= 12
    return minute_given and hour <= 23
