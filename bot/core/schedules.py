"""When digest messages are due: one slot for each local date and time, however clocks are turned.

A time that a day skips is taken at the moment at which the clock is turned over it, and one that comes twice
the first time. After a pause only the last slot counts, and only while it is young.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.catalog import Every, Weekday
from bot.core.wall_clock import WallClock

LATE = timedelta(hours=2)  # what could not be posted by then is left out
_DAY = timedelta(days=1)
_AHEAD, _AROUND = (
    1,
    9,
)  # days: a clock that is turned back over midnight, and a week with a day that is skipped
_WEEKDAYS = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Each day, each working day or once a week, by the clock of a zone."""

    every: Every
    at: time
    zone: str
    on: Weekday | None = None

    def names(self, day: date) -> bool:
        """Whether there is a slot on this day of the calendar."""
        match self.every:
            case Every.DAY:
                return True
            case Every.WEEKDAY:
                return day.isoweekday() <= 5
            case Every.WEEK:
                return _WEEKDAYS[day.weekday()] is self.on

    @property
    def said(self) -> str:
        """As people read it."""
        day = self.on.capitalize() if self.on else ""
        days = {Every.DAY: "every day", Every.WEEKDAY: "every weekday", Every.WEEK: f"every {day}"}
        return f"{days[self.every]} at {self.at:%H:%M} ({self.zone})"


@dataclass(frozen=True, slots=True)
class Slot:
    """What the wall clock is to show, and the moment that stands for it."""

    local: datetime
    moment: datetime

    @property
    def key(self) -> str:
        """The same for everybody who thinks of this slot."""
        return f"{self.local:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Window:
    """From the start until before the end."""

    starts: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it lies in there."""
        return self.starts <= moment < self.ends


def last_slot(schedule: Schedule, now: datetime) -> Slot:
    """The latest that has come; of two at one moment the later day's, so that nothing is said twice."""
    return next(each for each in _backwards(schedule, now, _AHEAD) if each.moment <= now)


def next_slot(schedule: Schedule, now: datetime) -> Slot:
    """The first that comes after this moment."""
    coming = None
    for each in _backwards(schedule, now, _AROUND):
        if each.moment <= now:
            break
        if coming is None or each.moment < coming.moment:
            coming = each
    if coming is None:
        raise ValueError(f"{schedule} has no slot after {now}")
    return coming


def due_slot(schedule: Schedule, now: datetime, since: datetime | None = None) -> Slot | None:
    """The one whose digest may be posted now; none that came before anybody wished for it."""
    slot = last_slot(schedule, now)
    early = since is not None and slot.moment < since
    return None if early or now - slot.moment >= LATE else slot


def window_of(schedule: Schedule, slot: Slot) -> Window:
    """What has been since the slot before."""
    return Window(last_slot(schedule, slot.moment - timedelta(microseconds=1)).moment, slot.moment)


def window_until(schedule: Schedule, now: datetime) -> Window:
    """A whole day or week that ends now, for who wants to see one before its time."""
    return Window(_shifted(now, schedule.zone, 7 if schedule.every is Every.WEEK else 1), now)


def window_before(schedule: Schedule, window: Window) -> Window:
    """As long by the calendar, and of the same days: of the day before, or of the week before."""
    days = 1 if schedule.every is Every.DAY else 7
    return Window(
        _shifted(window.starts, schedule.zone, days),
        _shifted(window.ends, schedule.zone, days),
    )


def days_of(window: Window, zone: str) -> tuple[date, ...]:
    """The days of the calendar that it touches."""
    clock = WallClock(zone)
    first, last = clock.reading(window.starts), clock.reading(window.ends - timedelta(microseconds=1))
    return tuple(first.date() + each * _DAY for each in range((last.date() - first.date()).days + 1))


def _shifted(moment: datetime, zone: str, days: int) -> datetime:
    clock = WallClock(zone)
    return clock.first(clock.reading(moment) - days * _DAY)


def _backwards(schedule: Schedule, now: datetime, ahead: int) -> Iterator[Slot]:
    """The slots of the days around this moment, the latest day first."""
    clock = WallClock(schedule.zone)
    today = clock.reading(now).date()
    for days in range(ahead, -_AROUND - 1, -1):
        day = today + days * _DAY
        if schedule.names(day):
            local = datetime.combine(day, schedule.at)
            yield Slot(local, clock.first(local))
