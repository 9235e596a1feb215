"""A moment in the past as people say it: `7d`, `today`, `yesterday`, `monday`, `2026-11-01 14:00`."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.durations import parse_duration

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLES = "Say for instance `7d`, `yesterday`, `monday` or `2026-11-01`."


def parse_since(text: str, now: datetime, zone: str) -> datetime | None:
    """The moment in the past, or None. Days begin at midnight in that zone, where it is known."""
    length = parse_duration(text)
    if length is not None:
        return now - length
    word = text.strip().lower()
    here = now.astimezone(_zone(zone))
    back = _days_back(word, here)
    if back is not None:
        return datetime.combine(here.date() - timedelta(days=back), time(), here.tzinfo).astimezone(UTC)
    return _written_out(word, here)


def _days_back(word: str, here: datetime) -> int | None:
    if word in ("today", "yesterday"):
        return 0 if word == "today" else 1
    if word in DAYS:
        return (here.weekday() - DAYS.index(word)) % 7
    return None


def _written_out(word: str, here: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(word)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=here.tzinfo)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment <= here else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
