"""What happened in a day and a week of samples, for digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.core.catalog import Every, Weekday
from bot.core.failures import Failure, FailureSource
from bot.core.happenings import Happened, Story
from bot.core.lifecycle import State
from bot.core.schedules import Schedule, Window, last_slot, window_of
from bot.core.values import DeploymentId, Kind, Sha

MONDAY = datetime(2026, 11, 9, 10, tzinfo=UTC)
DAILY = Schedule(Every.DAY, time(10), "Europe/London")
WEEKLY = Schedule(Every.WEEK, time(10), "Europe/London", Weekday.MONDAY)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def window(schedule: Schedule = DAILY) -> Window:
    """The one that ends on Monday."""
    return window_of(schedule, last_slot(schedule, MONDAY))


def happened(number: int, ago: timedelta, **changes: Any) -> Happened:
    """A deploy of api to production that ended so long before Monday, of two commits."""
    ended = MONDAY - ago
    plain = Happened(
        id=DeploymentId(f"d{number}"),
        number=number,
        service="api",
        environment="production",
        kind=Kind.DEPLOY,
        state=State.SUCCEEDED,
        planned=True,
        emergency=False,
        sha=Sha(f"{number:x}" * 40)[:40],  # type: ignore[arg-type]
        ended_at=ended,
        committed=(ended - 3 * HOUR, ended - HOUR),
    )
    return replace(plain, **changes)


def failed(number: int, ago: timedelta, lasted: timedelta | None, **changes: Any) -> Failure:
    """What it did badly, and was taken away for."""
    began = MONDAY - ago
    ended = None if lasted is None else began + lasted
    plain = Failure(
        "api",
        "production",
        DeploymentId(f"d{number}"),
        FailureSource.ROLLBACK,
        f"x{number}",
        "",
        began,
        ended,
    )
    return replace(plain, **changes)


def busy_week() -> Story:
    """12 deploys to production and two elsewhere, one rolled back in nine minutes; five the week before."""
    deploys = [happened(each, each * 12 * HOUR) for each in range(1, 13)]
    others = [happened(each, each * HOUR, service="web", environment="staging") for each in (21, 22)]
    back = happened(30, 11 * HOUR, kind=Kind.ROLLBACK, again=True)
    stopped = happened(31, 30 * HOUR, state=State.FAILED)
    before = [happened(40 + each, 7 * DAY + each * DAY) for each in range(1, 6)]
    story = sorted([*deploys, *others, back, stopped, *before], key=lambda each: each.ended_at)
    return Story(tuple(story), (failed(1, 11 * HOUR + timedelta(minutes=9), timedelta(minutes=9)),))
