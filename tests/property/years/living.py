"""Processes that live and die through a year and post what is due: every slot exactly once, and in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo, available_timezones

from bot.core.catalog import Every, Weekday
from bot.core.schedules import LATE, Schedule, due_slot
from tests.property.years.oracle import MINUTE, Wall, year

TIMES = tuple(
    time.fromisoformat(each) for each in ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00")
)
SHORT = TIMES[4:5]
KINDS: tuple[tuple[Every, Weekday | None], ...] = (
    (Every.DAY, None),
    (Every.WEEKDAY, None),
    (Every.WEEK, Weekday.SUNDAY),  # the day on which most clocks are turned
)
ZONES = tuple(sorted(each for each in available_timezones() if each.startswith(("Europe/", "America/"))))
CLOSE = timedelta(hours=14)  # around a turn of the clock somebody looks every minute
LONGEST_SLEEP = 110  # minutes that all processes may be down together: shorter than what counts as late


def clocks(of: int) -> Iterator[tuple[str, ...]]:
    """The zones whose clocks show the same all through that year, together."""
    hours = [datetime(of, 1, 1, tzinfo=UTC) + timedelta(hours=each) for each in range(-12 * 24, 378 * 24)]
    found: dict[tuple[timedelta | None, ...], list[str]] = {}
    for zone in ZONES:
        here = ZoneInfo(zone)
        found.setdefault(tuple(each.astimezone(here).utcoffset() for each in hours), []).append(zone)
    yield from map(tuple, found.values())


def disagreements(zone: str, of: int, seed: int, times: tuple[time, ...] = TIMES) -> list[str]:
    """What was posted twice, not at all, too early or too late in that year."""
    wall, random = year(zone, of), Random(seed)  # nosec B311 - repeatable
    schedules = [Schedule(every, at, zone, on) for every, on in KINDS for at in times]
    posted: dict[tuple[Schedule, str], list[datetime]] = {}
    for now in _looks(wall, of, random):
        for schedule in schedules:
            slot = due_slot(schedule, now)
            if slot is not None and (schedule, slot.key) not in posted:  # the table of turns
                posted[schedule, slot.key] = [now]
    return [flaw for each in schedules for flaw in _flaws(each, of, wall, posted)]


def _looks(wall: Wall, of: int, random: Random) -> Iterator[datetime]:
    """Every minute near a turn of the clock, and else whenever a process is alive."""
    now = datetime(of, 1, 1, tzinfo=UTC) - timedelta(days=8)
    over, turns = datetime(of + 1, 1, 1, tzinfo=UTC) + timedelta(days=8), wall.turns()
    while now < over:
        yield now
        close = any(abs(now - each) < CLOSE for each in turns)
        dies = random.random() < (0.01 if close else 0.5)
        now += (random.randint(2, LONGEST_SLEEP) if dies else 1 if close else 70) * MINUTE


def _flaws(
    schedule: Schedule, of: int, wall: Wall, posted: dict[tuple[Schedule, str], list[datetime]]
) -> Iterator[str]:
    wanted = {f"{day}T{schedule.at:%H:%M}": day for day in _days(schedule, of)}
    had = [key for each, key in posted if each == schedule and key.startswith(str(of))]
    for key in sorted(wanted.keys() - set(had)):
        yield f"{schedule.said}: {key} was never posted"
    for key in sorted(set(had) - wanted.keys()):
        yield f"{schedule.said}: {key} was posted, and there is no such slot"
    for key, day in wanted.items():
        (at,) = posted.get((schedule, key), (None,))
        moment = wall.moment(day, schedule.at)
        if at is not None and not moment <= at < moment + LATE:
            yield f"{schedule.said}: {key} was posted at {at}, and it was due at {moment}"


def _days(schedule: Schedule, of: int) -> Iterator[date]:
    day = date(of, 1, 1)
    while day.year == of:
        number = day.isoweekday()
        every = {Every.DAY: True, Every.WEEKDAY: number < 6, Every.WEEK: number == 7}
        if every[schedule.every]:
            yield day
        day += timedelta(days=1)
