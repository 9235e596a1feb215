"""When a freeze holds, by the wall clock of its zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.core.cron import parse_cron
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze
from bot.core.wall_clock import WallClock

LONGEST_TURN = timedelta(days=2)  # no clock is ever turned further than that
FORESEEN = 92  # days in which the next turn of a recurring freeze is looked for
AHEAD_AT_MOST = 100  # freezes that follow on each other, before we only say “at least until”
_TICK = timedelta(microseconds=1)


def frozen_until(freeze: Freeze, now: datetime) -> datetime | None:
    """When this freeze ends, if it holds now.

    It covers each moment at which the wall clock reads inside it, and all that lies between those.
    """
    return next((end for _, end in _windows(freeze, now)), None)


def thaw(freezes: tuple[Freeze, ...], now: datetime) -> tuple[datetime, bool]:
    """The first moment from now at which none of them holds, and whether that is certain."""
    moment = now
    for _ in range(AHEAD_AT_MOST):
        ends = [end for each in freezes if (end := frozen_until(each, moment)) is not None]
        if not ends:
            return moment, True
        moment = max(ends)
    return moment, False


def begins_next(freeze: Freeze, now: datetime) -> datetime | None:
    """When it begins the next time after now, as far as that can be foreseen."""
    clock = WallClock(freeze.zone)
    match freeze:
        case FixedFreeze():
            start = clock.first(freeze.starts)
            return start if start > now else None
        case RecurringFreeze():
            cron, shown = parse_cron(freeze.cron), clock.reading(now)
            for day in range(FORESEEN):
                earliest = shown + timedelta(days=day)
                starts = cron.backwards(earliest + timedelta(days=1), earliest)
                later = [start for each in starts if (start := clock.first(each)) > now]
                if later:
                    return min(later)
            return None


def frozen_since(freezes: tuple[Freeze, ...], now: datetime) -> datetime:
    """The first moment from which on at least one of them has held until now; one does."""
    moment = now
    for _ in range(AHEAD_AT_MOST):
        begun = [begins for each in freezes for begins, _ in _windows(each, moment)]
        if not begun:
            break
        moment = min(begun) - _TICK
    return moment + _TICK


def _windows(freeze: Freeze, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when until when it holds, as often as it does now: the latest first, which also ends last."""
    clock = WallClock(freeze.zone)
    match freeze:
        case FixedFreeze():
            begins, ends = clock.first(freeze.starts), clock.past(freeze.ends)
            if begins <= now < ends:
                yield begins, ends
        case RecurringFreeze():
            yield from _recurring(freeze, clock, now)


def _recurring(
    freeze: RecurringFreeze, clock: WallClock, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    shown = clock.reading(now)
    earliest = shown - freeze.lasts - LONGEST_TURN
    for start in parse_cron(freeze.cron).backwards(shown + clock.turned_back(now, LONGEST_TURN), earliest):
        begins = clock.first(start)
        if begins <= now:
            ends = clock.past(start + freeze.lasts)
            if ends <= now:
                return
            yield begins, ends
