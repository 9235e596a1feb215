"""From a wall clock to moments, where clocks are turned forward or back."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_TICK = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WallClock:
    """The clock on the wall of a zone. Local times have no offset; moments are UTC."""

    zone: str

    def reading(self, moment: datetime) -> datetime:
        """What it shows at this moment."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def moments(self, local: datetime) -> tuple[datetime, ...]:
        """When it shows this: once, twice where it is turned back, never where it is turned forward."""
        both = dict.fromkeys((self._utc(local, 0), self._utc(local, 1)))
        return tuple(each for each in both if self.reading(each) == local)

    def first(self, local: datetime) -> datetime:
        """The first moment at which it shows this time or, where it skips it, a later one."""
        shown = self.moments(local)
        return shown[0] if shown else self._jump(local)

    def past(self, local: datetime) -> datetime:
        """The first moment from which on it never again shows an earlier time."""
        before = local - _TICK
        shown = self.moments(before)
        return shown[-1] + _TICK if shown else self._jump(before)

    def turned_back(self, moment: datetime, lately: timedelta) -> timedelta:
        """By how much it has shown later times already, within that while."""
        ahead = self.reading(moment - lately) - (moment - lately).replace(tzinfo=None)
        return max(timedelta(), ahead - (self.reading(moment) - moment.replace(tzinfo=None)))

    def said(self, moment: datetime) -> str:
        """In full, as people read it: day, date, time and zone."""
        local = self.reading(moment)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({self.zone})"

    def _utc(self, local: datetime, fold: int) -> datetime:
        return local.replace(fold=fold, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def _jump(self, skipped: datetime) -> datetime:
        """The moment at which it is turned forward over this time; that is always a whole second."""
        early = self._utc(skipped, 1).replace(microsecond=0)
        seconds = range(int((self._utc(skipped, 0) - early) / _SECOND) + 2)
        passed = bisect_left(seconds, True, key=lambda each: self.reading(early + each * _SECOND) >= skipped)
        return early + passed * _SECOND
