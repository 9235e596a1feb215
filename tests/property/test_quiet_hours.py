"""Quiet hours in every zone, around the days on which clocks are turned."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.my_settings import QuietHours
from bot.core.quiet_hours import quiet_until
from bot.core.wall_clock import WallClock

DAY = timedelta(days=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC")
TURNED = (  # around these days some of their clocks are turned, and Apia skipped a whole one
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2011, 12, 30, tzinfo=UTC),
)
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))
HOURS = st.tuples(TIMES, TIMES).filter(lambda each: each[0] != each[1]).map(lambda each: QuietHours(*each))
MOMENTS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(TURNED),
    st.integers(-3 * 1440, 3 * 1440),
)


def within(hours: QuietHours, shown: time) -> bool:
    """What the wall says, with no thought of how it came to show that."""
    if hours.starts < hours.ends:
        return hours.starts <= shown < hours.ends
    return shown >= hours.starts or shown < hours.ends


@given(HOURS, st.sampled_from(ZONES), MOMENTS)
def test_whenever_the_wall_shows_a_time_within_them_they_hold(
    hours: QuietHours, zone: str, now: datetime
) -> None:
    clock = WallClock(zone)
    until = quiet_until(hours, zone, now)
    if within(hours, clock.reading(now).time()):
        assert until is not None
    passed = clock.reading(now + DAY) - clock.reading(now - DAY)
    if until is not None and passed == 2 * DAY:
        assert within(hours, clock.reading(now).time())


@given(HOURS, st.sampled_from(ZONES), MOMENTS)
def test_they_end_within_a_day_or_so_and_hold_until_then(hours: QuietHours, zone: str, now: datetime) -> None:
    until = quiet_until(hours, zone, now)
    if until is None:
        return
    assert now < until <= now + timedelta(days=2, hours=2)
    again = quiet_until(hours, zone, until - timedelta(minutes=1))
    assert again is not None
    assert again >= until
