"""Digests through clocks that are turned: each once, whoever is alive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import bot.core.schedules as schedules
from bot.core.catalog import Every, Weekday
from bot.core.schedules import Schedule, Slot, last_slot, next_slot, window_of
from bot.core.wall_clock import WallClock
from tests.property.years.living import disagreements
from tests.property.years.oracle import MINUTE, Wall

# Where clocks are turned oddly: by half an hour, at midnight, over Ramadan, over a whole day.
TURNS = (
    ("Europe/London", "2026-03-29 01:00"),
    ("Europe/London", "2026-10-25 01:00"),
    ("America/New_York", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 06:00"),
    ("America/Santiago", "2026-09-06 04:00"),
    ("America/Havana", "2026-03-08 05:00"),
    ("America/St_Johns", "2006-10-29 02:31"),
    ("Asia/Beirut", "2026-03-28 22:00"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30"),
    ("Africa/Casablanca", "2026-02-15 02:00"),
    ("Africa/Casablanca", "2026-03-22 02:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Pacific/Kwajalein", "1993-08-21 12:00"),
)
DAYS_AROUND = 12
AWKWARD = (
    time(0),
    time(0, 30),
    time(1, 30),
    time(1, 45),
    time(2),
    time(2, 30),
    time(3),
    time(9),
    time(23, 59),
)


def wall_around(zone: str, turn: str) -> Wall:
    middle = datetime.fromisoformat(turn).replace(tzinfo=UTC)
    return Wall(zone, middle - timedelta(days=DAYS_AROUND), 2 * DAYS_AROUND * 24 * 60)


WALLS = {(zone, turn): wall_around(zone, turn) for zone, turn in TURNS}


def expected(wall: Wall, schedule: Schedule) -> list[tuple[datetime, datetime]]:
    """Each local time of the schedule and its moment, of all days on the wall but those at its edges."""
    first, last = wall.readings[0].date(), wall.readings[-1].date()
    days = [first + timedelta(days=each) for each in range(1, (last - first).days)]
    wanted = [day for day in days if schedule.names(day)]
    return [(datetime.combine(day, schedule.at), wall.moment(day, schedule.at)) for day in wanted]


@given(
    turn=st.sampled_from(TURNS),
    every=st.sampled_from(list(Every)),
    at=st.sampled_from(AWKWARD),
    on=st.sampled_from(list(Weekday)),
    minute=st.integers(-36 * 60, 36 * 60),
    seconds=st.sampled_from((0, 1, 59)),
)
@example(turn=TURNS[12], every=Every.WEEK, at=time(9), on=Weekday.FRIDAY, minute=0, seconds=0)
@settings(max_examples=200)
def test_the_slots_around_a_moment_are_those_of_the_clock_on_the_wall(
    turn: tuple[str, str], every: Every, at: time, on: Weekday, minute: int, seconds: int
) -> None:
    wall = WALLS[turn]
    schedule = Schedule(every, at, turn[0], on if every is Every.WEEK else None)
    now = wall.starts + timedelta(days=DAYS_AROUND, seconds=seconds) + minute * MINUTE
    slots = expected(wall, schedule)
    past = [each for each in slots if each[1] <= now]
    coming = [each for each in slots if each[1] > now]
    local, moment = max(past, key=lambda each: (each[1], each[0]))
    assert last_slot(schedule, now) == Slot(local, moment)
    soonest = min(each[1] for each in coming)
    local = max(each[0] for each in coming if each[1] == soonest)
    assert next_slot(schedule, now) == Slot(local, soonest)


@given(turn=st.sampled_from(TURNS), every=st.sampled_from(list(Every)), at=st.sampled_from(AWKWARD))
def test_windows_follow_each_other_without_gap_or_overlap(
    turn: tuple[str, str], every: Every, at: time
) -> None:
    wall = WALLS[turn]
    schedule = Schedule(every, at, turn[0], Weekday.SATURDAY if every is Every.WEEK else None)
    slot = next_slot(schedule, wall.starts + timedelta(days=1))
    for _ in range(3 if every is Every.WEEK else 14):
        following = next_slot(schedule, slot.moment)
        assert window_of(schedule, following).starts == slot.moment
        assert slot.moment < following.moment
        slot = following


@pytest.mark.parametrize(
    ("zone", "of"),
    [
        ("Europe/London", 2026),
        ("America/New_York", 2026),
        ("America/Santiago", 2026),
        ("America/Asuncion", 2023),  # at midnight
        ("America/Scoresbysund", 2024),  # its zone itself was changed
        ("Africa/Casablanca", 2026),
        ("Australia/Lord_Howe", 2026),
    ],
)
def test_a_year_of_digests_has_each_once(zone: str, of: int) -> None:
    assert disagreements(zone, of, seed=1, times=(time(0), time(2, 30))) == []


def test_the_oracle_sees_a_time_that_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that only knows times that exist loses the digest of that day."""

    class Naive(WallClock):
        def first(self, local: datetime) -> datetime:
            shown = self.moments(local)
            return shown[-1] if shown else self.first(local - timedelta(days=7))

    naive: Callable[[str], WallClock] = Naive
    monkeypatch.setattr(schedules, "WallClock", naive)
    flaws = disagreements("America/New_York", 2026, seed=1, times=(time(2, 30),))
    assert any("2026-03-08T02:30 was never posted" in each for each in flaws)
