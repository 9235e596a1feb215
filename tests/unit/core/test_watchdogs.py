"""What is told of a dispatch after which nothing starts, and of a run that takes much too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.barks import Bark, Watchdog
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.runs import Run, RunStatus
from bot.core.watchdogs import AT_LEAST, ENOUGH, NOTHING_AFTER, TIMES, barks, may_be_stuck, usual
from tests.fakes.samples import NOON, SHA_A, in_state
from tests.unit.slack.test_gate_card import RUN

MINUTE = timedelta(minutes=1)
QUEUED = replace(RUN, status=RunStatus.QUEUED, started_at=NOON, ended_at=None, head_sha=SHA_A)
RUNNING = replace(QUEUED, status=RunStatus.RUNNING)


def sent(state: State = State.RUNNING, *told: Watchdog) -> Deployment:
    barked = tuple(Bark(each, "", "") for each in told)
    return in_state(state, run=None, attempted_at=NOON, barks=barked)


def dog(deployment: Deployment, run: Run | None, after: timedelta, usually: timedelta | None = None) -> str:
    found = barks(deployment, run, usually, NOON + after)
    return found.dog if found else ""


@pytest.mark.parametrize(
    ("state", "run", "after", "told"),
    [
        (State.DISPATCHING, None, NOTHING_AFTER, "nothing_started"),
        (State.DISPATCHING, None, NOTHING_AFTER - timedelta(seconds=1), ""),
        (State.RUNNING, QUEUED, NOTHING_AFTER, "nothing_started"),
        (State.RUNNING, RUNNING, NOTHING_AFTER, ""),
        (State.RUNNING, replace(QUEUED, status=RunStatus.WAITING), NOTHING_AFTER, ""),
        (State.UNKNOWN, None, NOTHING_AFTER, ""),  # it asks a person already
        (State.CANCELLING, QUEUED, NOTHING_AFTER, ""),
        (State.FAILED, None, NOTHING_AFTER, ""),
    ],
)
def test_nothing_started(state: State, run: Run | None, after: timedelta, told: str) -> None:
    assert dog(sent(state), run, after) == told


def test_nothing_was_sent_yet() -> None:
    assert dog(in_state(State.DISPATCHING, attempted_at=None), None, timedelta(days=1)) == ""


def test_a_run_that_cannot_be_seen_is_another_matter() -> None:
    assert dog(replace(sent(), run=QUEUED), None, NOTHING_AFTER) == ""


def test_each_is_told_once() -> None:
    told = sent(State.RUNNING, Watchdog.NOTHING_STARTED)
    assert dog(told, QUEUED, NOTHING_AFTER) == ""
    late = TIMES * 4 * MINUTE
    assert dog(told, QUEUED, late, 4 * MINUTE) == "stuck"
    assert dog(sent(State.RUNNING, *Watchdog), RUNNING, late, 4 * MINUTE) == ""


@pytest.mark.parametrize(
    ("usually", "after", "told"),
    [
        (4 * MINUTE, 12 * MINUTE, "stuck"),
        (4 * MINUTE, 11 * MINUTE, ""),
        (timedelta(seconds=10), MINUTE, ""),  # short runs are no reason to ring
        (timedelta(seconds=10), AT_LEAST, "stuck"),
        (None, timedelta(days=1), ""),  # nobody knows what is usual
    ],
)
def test_stuck(usually: timedelta | None, after: timedelta, told: str) -> None:
    assert dog(sent(), RUNNING, after, usually) == told


@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.NEEDS_PERSON])
def test_a_run_that_waits_for_people_is_not_stuck(status: RunStatus) -> None:
    assert not may_be_stuck(sent(), replace(RUNNING, status=status), NOON + timedelta(days=1))


def test_what_is_usual_is_the_middle_of_those_that_succeeded() -> None:
    def took(minutes: int, state: State = State.SUCCEEDED) -> Deployment:
        run = replace(RUN, started_at=NOON, ended_at=NOON + minutes * MINUTE)
        return in_state(state, run=run)

    known = [took(4), took(90), took(2), took(1, State.FAILED)]
    assert usual(known) == 4 * MINUTE
    assert usual(known[: ENOUGH - 1]) is None
    unfinished = in_state(State.SUCCEEDED, run=replace(RUN, started_at=None))
    assert usual([unfinished] * ENOUGH) is None
