"""Durations, times of day and cron lines."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cron import parse_cron
from bot.core.durations import LONGEST, format_duration, parse_duration, parse_time_of_day


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800), ("1h30m", 5_400), (" 1D2H3M4S ", 93_784)],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "0s", "30", "m", "30m1h", "1h1h", "1.5h", "-1h", "1 h", "1h 30m", "٣h", "4000d", "9999999s"]
)
def test_no_durations(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(min_value=1, max_value=int(LONGEST.total_seconds())))
def test_a_written_duration_reads_the_same_again(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert parse_duration(format_duration(length)) == length


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_none(text: str) -> None:
    found = parse_duration(text)
    assert found is None or timedelta() < found <= LONGEST


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00", time(9)),
        ("9:30", time(9, 30)),
        ("23:59", time(23, 59)),
        ("9am", time(9)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("12:15 PM", time(12, 15)),
        ("noon", time(12)),
        ("midnight", time(0)),
    ],
)
def test_times_of_day(text: str, expected: time) -> None:
    assert parse_time_of_day(text) == expected


@pytest.mark.parametrize("text", ["", "9", "24:00", "9:60", "13pm", "0am", "9:5", "nine", "9:00:00"])
def test_no_times_of_day(text: str) -> None:
    assert parse_time_of_day(text) is None


FRIDAY = datetime.fromisoformat("2026-12-18T17:00")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("0 17 * * FRI", True),
        ("0 17 * * 5", True),
        ("0 17 18 12 *", True),
        ("*/15 9-17 * dec mon-fri", True),
        ("0 17 1 * fri", True),
        ("0 17 18 * mon", True),
        ("0 17 * * 5-7", True),
        ("0 17 * * FRI-SUN", True),
        ("0 17 */2 * *", False),
        ("5/10 17 * * *", False),
        ("0 17 * * SAT", False),
        ("0 16 * * FRI", False),
        ("1 17 * * FRI", False),
        ("0 17 1 * mon", False),
        ("0 17 * jan FRI", False),
    ],
)
def test_cron_lines_name_minutes(line: str, named: bool) -> None:
    assert parse_cron(line).names(FRIDAY) is named


def test_sunday_is_both_0_and_7() -> None:
    sunday = datetime.fromisoformat("2026-12-20T17:00")
    assert all(parse_cron(f"0 17 * * {day}").names(sunday) for day in ("0", "7", "sun", "sat-7"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("60 * * * *", "'60' is no minute"),
        ("* 24 * * *", "'24' is no hour"),
        ("* * 0 * *", "'0' is no day of the month"),
        ("* * * 13 *", "'13' is no month"),
        ("* * * * 8", "'8' is no day of the week"),
        ("5-1 * * * *", "runs backwards"),
        ("*/0 * * * *", "has no step"),
        ("*/ * * * *", "has no step"),
        ("1,,2 * * * *", "'' is no minute"),
        ("٣ * * * *", "is no minute"),
    ],
)
def test_no_cron_lines(line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_cron(line)


@given(st.text(max_size=30))
def test_any_text_is_a_cron_line_or_a_plain_refusal(text: str) -> None:
    try:
        cron = parse_cron(text)
    except ValueError as error:
        assert str(error)
    else:
        assert cron.minutes and cron.hours and cron.days and cron.months and cron.weekdays
