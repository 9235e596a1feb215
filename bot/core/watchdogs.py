"""What takes suspiciously long: a dispatch after which nothing starts, a run that does not come to its end.

Neither ends anything: somebody is told once, who can look at it before it is too late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from bot.core.barks import Bark, Watchdog
from bot.core.durations import format_duration
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.runs import Run, RunStatus

NOTHING_AFTER = timedelta(seconds=60)
TIMES = 3  # as long as it usually takes
AT_LEAST = timedelta(minutes=5)  # a short run that takes three times as long is no reason to ring
ENOUGH = 3  # runs from which one can tell what is usual
LATELY = 20  # of the last deployments there

UNDER_WAY = frozenset({State.DISPATCHING, State.RUNNING})


def may_be_stuck(deployment: Deployment, run: Run | None, now: datetime) -> bool:
    """Whether it is worth a look at how long it usually takes."""
    if _told(deployment, Watchdog.STUCK) or deployment.state is not State.RUNNING:
        return False
    began = _began(deployment, run)
    return _goes_on(run) and began is not None and now - began >= AT_LEAST


def usual(past: Iterable[Deployment]) -> timedelta | None:
    """How long its run takes where it succeeds; None where too few are known."""
    runs = [each.run for each in past if each.state is State.SUCCEEDED and each.run is not None]
    took = [
        (run.ended_at - run.started_at).total_seconds() for run in runs if run.ended_at and run.started_at
    ]
    return timedelta(seconds=median(took)) if len(took) >= ENOUGH else None


def barks(deployment: Deployment, run: Run | None, usually: timedelta | None, now: datetime) -> Bark | None:
    """By its run as it was just read; None while all is as it should be, or it was told already."""
    sent = deployment.attempted_at
    if sent is None or deployment.state not in UNDER_WAY:
        return None
    if run is None and deployment.run is not None:
        return None  # nobody can see it at the moment, which is another matter
    if not _told(deployment, Watchdog.NOTHING_STARTED) and now - sent >= NOTHING_AFTER:
        nothing = _nothing_started(run, now - sent)
        if nothing is not None:
            return nothing
    began = _began(deployment, run)
    if usually is None or began is None or not may_be_stuck(deployment, run, now):
        return None
    if now - began < TIMES * usually:
        return None
    return Bark(
        Watchdog.STUCK,
        f"Its run has taken {format_duration(_whole(now - began))} so far; it usually takes"
        f" {format_duration(_whole(usually))}.",
        "Open the run and look at what it waits for. Cancel it on its card if it will come to nothing.",
    )


def _told(deployment: Deployment, dog: Watchdog) -> bool:
    return any(each.dog is dog for each in deployment.barks)


def _nothing_started(run: Run | None, waited: timedelta) -> Bark | None:
    since = format_duration(_whole(waited))
    if run is None:
        return Bark(
            Watchdog.NOTHING_STARTED,
            f"The pipeline was asked to start {since} ago, and no run shows up.",
            "Look whether the provider has trouble or the workflow is disabled. It is looked for on.",
        )
    if run.status is not RunStatus.QUEUED:
        return None
    return Bark(
        Watchdog.NOTHING_STARTED,
        f"Its run has waited in the provider's queue for {since}.",
        "Look whether a runner is free and fits, or another run holds it up. It goes on by itself.",
    )


def _began(deployment: Deployment, run: Run | None) -> datetime | None:
    return (run.started_at if run else None) or deployment.attempted_at


def _goes_on(run: Run | None) -> bool:
    """What waits at a gate of the provider waits for people, however long they take."""
    return run is not None and run.status in (RunStatus.QUEUED, RunStatus.RUNNING)


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=max(1, round(span.total_seconds())))
