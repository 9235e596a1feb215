"""Freezes against an oracle that knows nothing but what the wall clock reads at each minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.cron import parse_cron
from bot.core.freezing import frozen_until
from bot.core.rules import FixedFreeze, RecurringFreeze

# Around each of these the clock is turned: forward, back, by half an hour, at midnight, over a whole day.
TURNS = (
    ("Europe/London", "2026-03-29 01:00"),
    ("Europe/London", "2026-10-25 01:00"),
    ("America/New_York", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 06:00"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30"),
    ("America/Santiago", "2026-09-06 04:00"),
    ("America/Santiago", "2026-04-05 03:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Asia/Kolkata", "2026-06-01 00:00"),
)
MINUTE = timedelta(minutes=1)
BEFORE, AFTER = timedelta(hours=30), timedelta(hours=30)


def minutes_around(turn: str) -> Sequence[datetime]:
    middle = datetime.fromisoformat(turn).replace(tzinfo=UTC)
    return [middle - BEFORE + each * MINUTE for each in range((BEFORE + AFTER) // MINUTE)]


def covered(
    readings: Sequence[datetime], windows: Sequence[tuple[datetime, datetime]]
) -> tuple[list[bool], list[int]]:
    """Minute by minute: whether it lies between the first and the last reading inside any one window."""
    frozen, ends = [False] * len(readings), [0] * len(readings)
    for starts, over in windows:
        inside = [at for at, shown in enumerate(readings) if starts <= shown < over]
        for at in range(inside[0], inside[-1] + 1) if inside else ():
            frozen[at], ends[at] = True, max(ends[at], inside[-1] + 1)
    return frozen, ends


def agree(
    freeze: RecurringFreeze | FixedFreeze, turn: str, windows: Sequence[tuple[datetime, datetime]]
) -> None:
    minutes = minutes_around(turn)
    zone = ZoneInfo(freeze.zone)
    readings = [each.astimezone(zone).replace(tzinfo=None) for each in minutes]
    frozen, ends = covered(readings, windows)
    for at in range(0, len(minutes), 17):
        until = frozen_until(freeze, minutes[at])
        assert (until is not None) is frozen[at], readings[at]
        if until is not None and ends[at] < len(minutes):
            assert until == minutes[ends[at]], readings[at]


@settings(max_examples=40)
@given(st.sampled_from(TURNS), st.integers(-1500, 1500), st.integers(1, 1500))
@example(TURNS[0], 30, 60)
@example(TURNS[1], 30, 60)
def test_a_fixed_freeze(turn: tuple[str, str], start: int, length: int) -> None:
    zone, at = turn
    middle = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    starts = middle + start * MINUTE
    ends = starts + length * MINUTE
    agree(FixedFreeze(starts, ends, zone, "some"), at, [(starts, ends)])


@settings(max_examples=12)  # few, for each is a walk through thousands of minutes
@given(
    st.sampled_from(TURNS),
    st.sampled_from(["0", "30", "15,45", "59"]),
    st.sampled_from(["0", "1", "2", "1-3", "*/6", "23"]),
    st.integers(1, 1400),
)
@example(TURNS[0], "30", "1", 60)
@example(TURNS[1], "45", "1", 60)
@example(TURNS[8], "0", "0", 600)
def test_a_recurring_freeze(turn: tuple[str, str], minute: str, hour: str, length: int) -> None:
    zone, at = turn
    line = f"{minute} {hour} * * *"
    cron, lasts = parse_cron(line), length * MINUTE
    middle = datetime.fromisoformat(at)
    walls = (middle + each * MINUTE for each in range(-4 * 1440, 3 * 1440))
    windows = [(wall, wall + lasts) for wall in walls if cron.names(wall)]
    agree(RecurringFreeze(line, lasts, zone, "some"), at, windows)


@settings(max_examples=30)
@given(
    st.sampled_from(["0 17 * * FRI", "*/7 9-17 1,15 * *", "5 4 * dec SUN", "0 0 29 2 *"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.integers(0, 3000),
)
def test_the_minutes_that_a_line_names_backwards(line: str, latest: datetime, length: int) -> None:
    cron = parse_cron(line)
    latest = latest.replace(second=0, microsecond=0)
    span = [latest - each * MINUTE for each in range(length + 1)]
    assert list(cron.backwards(latest, span[-1])) == [each for each in span if cron.names(each)]
