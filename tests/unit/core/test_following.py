"""What changed about a run between two looks, and whether a listing says anything new of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core import resync
from bot.core.following import (
    GONE_AFTER,
    SLOWEST,
    About,
    Listed,
    RunChange,
    RunRecord,
    changes,
    is_gone,
    pace,
    worth_a_look,
)
from bot.core.resync import BACK, LEAST, OVERLAP, Mark
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.values import Sha

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = RunRef("github", "acme/api", "7")
ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 7, "Add refunds", ())
ENDS = {
    RunStatus.SUCCESS: RunChange.SUCCEEDED,
    RunStatus.FAILURE: RunChange.FAILED,
    RunStatus.UNSTABLE: RunChange.FAILED,
    RunStatus.CANCELLED: RunChange.CANCELLED,
    RunStatus.SKIPPED: RunChange.SKIPPED,
    RunStatus.UNKNOWN: RunChange.ENDED_UNKNOWN,
}


def record(status: RunStatus, *stages: RunStatus, over: bool = False, attempt: int = 1) -> RunRecord:
    told = tuple(Stage(f"job {number}", each) for number, each in enumerate(stages))
    end = NOON if over else None
    run = Run(REF, attempt, status, Sha("a" * 40), "", "CI", status.value, told, NOON, end)
    return RunRecord(run, ABOUT, NOON, NOON)


RUNNING, WAITING = record(RunStatus.RUNNING), record(RunStatus.RUNNING, RunStatus.WAITING)


def test_the_ends_are_told_each_by_its_name() -> None:
    for status, change in ENDS.items():
        assert changes(RUNNING, record(status, over=True)) == (change,)
        assert changes(None, record(status, over=True)) == (change,), "it did not just start"
        assert changes(record(status, over=True), record(status, over=True)) == ()


def test_it_starts_once_and_waits_as_often_as_it_is_made_to() -> None:
    assert changes(None, RUNNING) == (RunChange.STARTED,)
    assert changes(None, WAITING) == (RunChange.STARTED, RunChange.WAITS)
    assert changes(RUNNING, WAITING) == (RunChange.WAITS,)
    assert changes(WAITING, WAITING) == ()
    assert changes(WAITING, RUNNING) == ()


def test_one_that_github_calls_completed_and_that_needs_a_person_goes_on() -> None:
    asks = record(RunStatus.NEEDS_PERSON, over=True)
    assert not asks.is_over
    assert not asks.is_settled
    assert changes(RUNNING, asks) == (RunChange.WAITS,)
    assert changes(asks, record(RunStatus.SUCCESS, over=True)) == (RunChange.SUCCEEDED,)


@pytest.mark.parametrize("previous", [None, *RunStatus])
def test_it_has_recovered_when_the_one_before_it_had_failed(previous: RunStatus | None) -> None:
    told = changes(RUNNING, record(RunStatus.SUCCESS, over=True), previous)
    assert (RunChange.RECOVERED in told) is (previous in (RunStatus.FAILURE, RunStatus.UNSTABLE))
    assert changes(RUNNING, record(RunStatus.FAILURE, over=True), previous) == (RunChange.FAILED,)


def test_what_the_provider_no_longer_knows_has_vanished_once_it_is_no_lag() -> None:
    missing = replace(RUNNING, missing_since=NOON)
    assert not is_gone(RUNNING, NOON)
    assert not is_gone(missing, NOON + GONE_AFTER - timedelta(seconds=1))
    assert is_gone(missing, NOON + GONE_AFTER)
    gone = replace(missing, vanished_at=NOON + GONE_AFTER)
    assert changes(missing, gone) == (RunChange.VANISHED,)
    assert changes(gone, gone) == ()


def test_one_that_had_vanished_and_is_there_again_ends_like_any_other() -> None:
    gone = replace(RUNNING, vanished_at=NOON)
    assert changes(gone, RUNNING) == ()
    assert changes(gone, WAITING) == (RunChange.WAITS,)
    for status, change in ENDS.items():
        assert changes(gone, record(status, over=True)) == (change,)
        assert changes(replace(record(status, over=True), vanished_at=NOON), gone) == ()


def listed(raw: str = "running", *, over: bool = False, attempt: int = 1, at: datetime = NOON) -> Listed:
    return Listed("7", attempt, raw, over, at)


def test_a_listing_says_something_new_of_what_is_unknown_or_was_otherwise() -> None:
    assert worth_a_look(listed(), None, NOON + BACK), "whatever is under way"
    assert worth_a_look(listed(over=True), None, NOON)
    assert not worth_a_look(listed(over=True), None, NOON + timedelta(seconds=1)), "that is history"
    assert not worth_a_look(listed(), RUNNING, NOON)
    assert worth_a_look(listed("waiting"), RUNNING, NOON)
    assert worth_a_look(listed(at=NOON + timedelta(seconds=1)), RUNNING, NOON)
    assert worth_a_look(listed(attempt=2), RUNNING, NOON)
    assert not worth_a_look(listed("waiting", attempt=1), record(RunStatus.RUNNING, attempt=2), NOON)


def test_a_listing_says_nothing_new_of_what_is_settled() -> None:
    done = record(RunStatus.SUCCESS, over=True)
    assert not worth_a_look(listed("completed", over=True, at=NOON + BACK), done, NOON)
    assert worth_a_look(listed(attempt=2), done, NOON)
    unread = replace(done, about=replace(ABOUT, artifacts=None))
    assert worth_a_look(listed("success", over=True), unread, NOON), "its artifacts are still to be read"


def test_looks_become_rare() -> None:
    paces = [pace(timedelta(minutes=each)) for each in (0, 4, 5, 59, 60, 600)]
    assert paces == sorted(paces)
    assert (paces[0], paces[-1]) == (timedelta(minutes=1), SLOWEST)


def test_many_repositories_are_listed_less_often_so_that_people_can_still_ask() -> None:
    assert resync.pace(0) == resync.pace(1) == LEAST
    for many in (100, 1_000):
        assert timedelta(hours=1) / resync.pace(many) * many <= resync.AN_HOUR + 1


def test_a_listing_goes_back_to_where_the_last_one_stopped_and_not_further_than_a_day() -> None:
    mark = Mark(NOON, NOON)
    assert resync.since(resync.first_mark(NOON), NOON) == NOON - OVERLAP
    assert resync.since(mark, NOON + timedelta(hours=3)) == NOON
    assert resync.since(mark, NOON + timedelta(days=3)) == NOON + timedelta(days=3) - BACK
    later = NOON + timedelta(hours=1)
    assert resync.next_mark(NOON, later, "e", complete=True) == Mark(later - OVERLAP, later, "e")
    assert resync.next_mark(NOON, later, "e", complete=False) == Mark(NOON, later), "the rest comes next"


def test_one_repository_is_not_listed_again_before_its_time() -> None:
    assert resync.left(resync.first_mark(NOON), LEAST, NOON) == timedelta()
    assert resync.left(Mark(NOON, NOON), LEAST, NOON + timedelta(seconds=10)) == timedelta(seconds=35)
    assert resync.left(Mark(NOON, NOON), LEAST, NOON + LEAST) == timedelta()
