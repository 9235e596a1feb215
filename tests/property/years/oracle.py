"""What a wall clock shows at each minute of a while, and when it first shows a time or passes over it."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class Wall:
    """The furthest that the clock has shown by each minute; it knows nothing of offsets and folds."""

    def __init__(self, zone: str, starts: datetime, minutes: int) -> None:
        here = ZoneInfo(zone)
        self.starts = starts
        self.readings = [
            (starts + each * MINUTE).astimezone(here).replace(tzinfo=None) for each in range(minutes)
        ]
        self._furthest: list[datetime] = []
        furthest = self.readings[0]
        for each in self.readings:
            furthest = max(furthest, each)
            self._furthest.append(furthest)

    def moment(self, day: date, at: time) -> datetime:
        """The first minute at which that much of the calendar has been shown."""
        return self.starts + bisect_left(self._furthest, datetime.combine(day, at)) * MINUTE

    def turns(self) -> list[datetime]:
        """The minutes at which it is turned forward or back."""
        pairs = zip(self.readings, self.readings[1:], strict=False)
        return [self.starts + at * MINUTE for at, (one, two) in enumerate(pairs, 1) if two - one != MINUTE]


def year(zone: str, of: int) -> Wall:
    """A whole year and some days beside it."""
    starts = datetime(of, 1, 1, tzinfo=UTC) - timedelta(days=12)
    return Wall(zone, starts, 389 * 24 * 60)
