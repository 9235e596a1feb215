"""The figures, against what can be counted by hand."""

from __future__ import annotations

from datetime import timedelta

from bot.core.dora import Spread, ages, figures, spread
from bot.core.failures import FailureSource
from bot.core.lifecycle import State
from bot.core.values import Kind
from tests.fakes.stories import DAY, HOUR, failed, happened


def test_a_spread_names_lengths_that_did_occur() -> None:
    assert spread([]) is None
    assert spread([HOUR]) == Spread(HOUR, HOUR)
    assert spread([each * HOUR for each in (10, 1, 2, 3, 4, 5, 6, 7, 8, 9)]) == Spread(5 * HOUR, 9 * HOUR)


def test_lead_time_is_from_each_commit_to_production() -> None:
    found = figures([happened(1, DAY), happened(2, 2 * DAY)], [])
    assert found.lead == Spread(HOUR, 3 * HOUR)


def test_no_commit_is_of_negative_age() -> None:
    deploy = happened(1, DAY, committed=(happened(1, DAY).ended_at + HOUR,))
    assert ages(deploy) == [timedelta()]


def test_rollbacks_leave_deploys_lead_and_rate_and_count_as_rework() -> None:
    found = figures([happened(1, DAY), happened(2, HOUR, kind=Kind.ROLLBACK, again=True)], [])
    assert [each.number for each in found.deploys] == [1]
    assert (found.unplanned, found.changes, found.failed) == (1, 2, 0)


def test_the_same_release_again_counts_nowhere() -> None:
    found = figures([happened(1, DAY, again=True)], [failed(1, HOUR, HOUR)])
    assert (found.deploys, found.changes, found.failed, found.recovery) == ((), 0, 0, None)


def test_a_hotfix_counts_everywhere_and_as_rework() -> None:
    found = figures([happened(1, DAY, emergency=True), happened(2, DAY, planned=False)], [])
    assert (len(found.deploys), found.unplanned, found.changes) == (2, 2, 2)


def test_two_failures_of_one_deploy_are_one_failed_deploy() -> None:
    both = [failed(1, HOUR, None), failed(1, HOUR, None, source=FailureSource.ALERT, external_id="y")]
    found = figures([happened(1, DAY), happened(1, DAY), happened(2, DAY)], both)
    assert (found.failed, len(found.deploys)) == (1, 2)


def test_recovery_is_from_the_end_of_the_deploy_and_only_of_what_has_recovered() -> None:
    deploys = [happened(1, 5 * HOUR), happened(2, 5 * HOUR)]
    found = figures(deploys, [failed(1, 4 * HOUR, HOUR), failed(2, HOUR, None)])
    assert found.recovery == Spread(2 * HOUR, 2 * HOUR)


def test_what_broke_off_before_it_got_there_is_no_failed_change() -> None:
    found = figures([happened(1, DAY, state=State.FAILED), happened(2, DAY)], [])
    assert (len(found.deploys), found.failed) == (1, 0)


def test_what_got_there_past_us_counts_once_it_runs() -> None:
    away = happened(1, DAY, state=State.BYPASSED)
    assert figures([away], []).changes == 0
    assert figures([happened(1, DAY, state=State.BYPASSED, landed=True)], []).changes == 1
