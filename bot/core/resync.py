"""How often a provider's listings are looked through, and how far back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LISTING = "listing/"  # how the names begin under which it is kept how far one was looked through
LEAST = timedelta(seconds=45)  # so that what was lost is on record again within a minute
AN_HOUR = 1_600  # listings at most, of the five thousand calls that GitHub allows with a token
BACK = timedelta(hours=24)  # what is older is history
OVERLAP = timedelta(minutes=2)  # listings lag, and another's clock is not ours
MOST = 100  # looks that one listing may ask for; the rest waits for the next one


@dataclass(frozen=True, slots=True)
class Mark:
    """How far something was looked through, so that after a while away it goes on from there."""

    since: datetime  # everything before that is known
    looked_at: datetime
    etag: str = ""  # the listing as it was then


def pace(repositories: int) -> timedelta:
    """Between two listings of one repository: longer where there are many."""
    return max(LEAST, timedelta(hours=1) * repositories / AN_HOUR)


def first_mark(now: datetime) -> Mark:
    """Whoever begins today begins with what ends just now, and has not looked yet."""
    return Mark(now - OVERLAP, now - BACK)


def since(mark: Mark, now: datetime) -> datetime:
    """From when on we have to look."""
    return max(mark.since, now - BACK)


def left(mark: Mark, every: timedelta, now: datetime) -> timedelta:
    """How long to wait until it may be looked through again."""
    return max(timedelta(), mark.looked_at + every - now)


def next_mark(since: datetime, now: datetime, etag: str, *, complete: bool) -> Mark:
    """Where the next listing begins: at the same place again as long as some of it was left over."""
    return Mark(max(since, now - OVERLAP), now, etag) if complete else Mark(since, now)
