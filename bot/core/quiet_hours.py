"""Whether somebody has quiet now, and until when, by the clock on their own wall."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.my_settings import QuietHours
from bot.core.wall_clock import WallClock

_DAY = timedelta(days=1)
_AROUND = range(-2, 2)  # the days on which hours may have begun that are not over


def quiet_until(hours: QuietHours, zone: str, now: datetime) -> datetime | None:
    """When they are over; None outside of them.

    Where clocks are turned: hours begin at the first moment that shows their beginning, or jumps over it, and
    end when the clock never again shows an earlier time than their end. So whenever the wall shows a time
    within them, they hold.
    """
    clock = WallClock(known_zone(zone))
    today = clock.reading(now).date()
    for days in _AROUND:
        begins = datetime.combine(today + days * _DAY, hours.starts)
        ends = datetime.combine(begins.date(), hours.ends)
        over = clock.past(ends if ends > begins else ends + _DAY)
        if clock.first(begins) <= now < over:
            return over
    return None


def known_zone(zone: str) -> str:
    """UTC for one that nobody here has heard of."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # what is no key, a folder, or not there
        return "UTC"
    return zone
