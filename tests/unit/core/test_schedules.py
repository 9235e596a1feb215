"""When a digest is due, after a pause, and which while it tells of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.core.catalog import Every, Weekday
from bot.core.schedules import (
    LATE,
    Schedule,
    Window,
    days_of,
    due_slot,
    last_slot,
    window_before,
    window_of,
    window_until,
)

DAILY = Schedule(Every.DAY, time(9), "Europe/London")
WORKDAYS = Schedule(Every.WEEKDAY, time(9), "Europe/London")
WEEKLY = Schedule(Every.WEEK, time(10), "Europe/London", Weekday.MONDAY)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_it_is_due_from_its_minute_on_for_two_hours() -> None:
    assert due_slot(DAILY, at("2026-11-02 08:59:59")) is None
    slot = due_slot(DAILY, at("2026-11-02 09:00:00"))
    assert slot is not None and slot.key == "2026-11-02T09:00"
    assert due_slot(DAILY, at("2026-11-02 10:59:59")) == slot
    assert due_slot(DAILY, at("2026-11-02 09:00") + LATE) is None


def test_what_came_before_anybody_wished_for_it_is_not_due() -> None:
    assert due_slot(DAILY, at("2026-11-02 09:30"), since=at("2026-11-02 09:10")) is None
    assert due_slot(DAILY, at("2026-11-02 09:30"), since=at("2026-11-02 09:00")) is not None


def test_in_summer_it_is_an_hour_earlier_by_the_clock_of_the_world() -> None:
    assert last_slot(DAILY, at("2026-07-02 08:00")).key == "2026-07-02T09:00"


def test_on_monday_the_weekdays_tell_of_the_weekend_and_compare_with_the_last_one() -> None:
    slot = last_slot(WORKDAYS, at("2026-11-02 09:00"))
    window = window_of(WORKDAYS, slot)
    assert window == Window(at("2026-10-30 09:00"), at("2026-11-02 09:00"))
    earlier = window_before(WORKDAYS, window)
    assert earlier == Window(at("2026-10-23 08:00"), at("2026-10-26 09:00"))  # the clock was turned back


def test_a_day_of_25_hours_is_one_day() -> None:
    window = window_of(DAILY, last_slot(DAILY, at("2026-10-25 09:00")))
    assert window.ends - window.starts == timedelta(hours=25)
    assert window_before(DAILY, window).ends == window.starts


def test_a_preview_is_a_whole_day_or_week_that_ends_now() -> None:
    now = at("2026-11-04 15:12")
    assert window_until(DAILY, now) == Window(now - timedelta(days=1), now)
    assert window_until(WEEKLY, now) == Window(now - timedelta(days=7), now)


def test_a_week_touches_eight_days_unless_it_begins_at_midnight() -> None:
    days = days_of(Window(at("2026-11-02 10:00"), at("2026-11-09 10:00")), "Europe/London")
    assert (days[0], days[-1], len(days)) == (date(2026, 11, 2), date(2026, 11, 9), 8)
    assert len(days_of(Window(at("2026-11-02 00:00"), at("2026-11-09 00:00")), "Europe/London")) == 7


def test_the_end_of_a_window_is_not_in_it() -> None:
    window = Window(at("2026-11-02 09:00"), at("2026-11-03 09:00"))
    assert window.holds(window.starts)
    assert not window.holds(window.ends)


def test_schedules_in_words() -> None:
    assert DAILY.said == "every day at 09:00 (Europe/London)"
    assert WORKDAYS.said == "every weekday at 09:00 (Europe/London)"
    assert WEEKLY.said == "every Monday at 10:00 (Europe/London)"
