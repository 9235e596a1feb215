"""When an environment is frozen, until when, and what people read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.gates.freeze import FREEZE, frozen_until
from bot.core.gates.model import GateState, Verdict
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze, Right, Rights
from bot.core.wall_clock import WallClock
from tests.fakes.samples import OWNERS, SRE, frozen, policy

LONDON = "Europe/London"
WEEKEND = RecurringFreeze("0 17 * * FRI", timedelta(hours=63), LONDON, "weekend", (SRE,))
YEAR_END = FixedFreeze(datetime(2026, 12, 20), datetime(2027, 1, 3), LONDON, "year end", (SRE, OWNERS))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def judge(now: str, *freezes: Freeze, rights: Rights | None = None) -> Verdict:
    rules = policy(freezes=freezes, rights=rights or Rights())
    return FREEZE.judge(frozen(), rules, {}, at(now))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-01-09 16:59", None),
        ("2026-01-09 17:00", "2026-01-12 08:00"),
        ("2026-01-12 07:59", "2026-01-12 08:00"),
        ("2026-01-12 08:00", None),
        ("2026-03-27 17:00", "2026-03-30 07:00"),  # the clock goes forward: an hour less, still until 08:00
        ("2026-03-30 07:00", None),
        ("2026-10-23 15:59", None),
        ("2026-10-23 16:00", "2026-10-26 08:00"),  # and back: an hour more
        ("2026-10-26 07:59", "2026-10-26 08:00"),
    ],
)
def test_a_weekend_by_the_wall_clock(now: str, end: str | None) -> None:
    assert frozen_until(WEEKEND, at(now)) == (at(end) if end else None)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        ("2026-12-19 23:59", False),
        ("2026-12-20 00:00", True),
        ("2027-01-02 23:59", True),
        ("2027-01-03 00:00", False),
    ],
)
def test_fixed_days(now: str, holds: bool) -> None:
    assert (frozen_until(YEAR_END, at(now)) is not None) is holds


@pytest.mark.parametrize(
    ("starts", "ends", "now", "end"),
    [
        # 29 March, 01:00 to 02:00 does not exist in London
        ("2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 00:59", None),
        ("2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 01:00", "2026-03-29 01:30"),
        ("2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 00:59", "2026-03-29 01:00"),
        ("2026-03-29 01:10", "2026-03-29 01:50", "2026-03-29 01:00", None),
        # 25 October, 01:00 to 02:00 comes twice
        ("2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 01:29", "2026-10-25 01:30"),
        ("2026-10-25 01:30", "2026-10-25 03:00", "2026-10-25 00:30", "2026-10-25 03:00"),
        ("2026-10-25 01:30", "2026-10-25 03:00", "2026-10-25 01:10", "2026-10-25 03:00"),
        ("2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 00:00", None),
    ],
)
def test_an_hour_that_is_skipped_or_doubled(starts: str, ends: str, now: str, end: str | None) -> None:
    freeze = FixedFreeze(local(starts), local(ends), LONDON, "change of clocks")
    assert frozen_until(freeze, at(now)) == (at(end) if end else None)


def test_it_says_why_until_when_and_who_may_all_the_same() -> None:
    verdict = judge("2026-01-10 12:00", WEEKEND)
    assert verdict.state is GateState.WAITING
    assert verdict.what == "staging is frozen until Mon 12 Jan 2026, 08:00 (Europe/London)."
    assert verdict.why == "The reason: weekend."
    assert verdict.next == "It goes on by itself then. Somebody of sre may deploy all the same."
    assert verdict.who == "sre"
    assert judge("2026-01-12 08:00", WEEKEND).state is GateState.OPEN
    assert judge("2026-01-12 08:00").state is GateState.OPEN


def test_freezes_that_follow_on_each_other_are_one_to_whoever_waits() -> None:
    verdict = judge("2026-12-19 12:00", WEEKEND, YEAR_END)
    assert "until Mon 4 Jan 2027, 08:00" in verdict.what  # the weekend that ends the year's last days
    assert verdict.why == "The reason: weekend."
    both = judge("2026-12-26 12:00", WEEKEND, YEAR_END)
    assert both.why == "The reason: weekend; year end."
    assert both.who == "sre"  # whoever may override both


def test_the_right_stands_in_for_people_that_a_freeze_does_not_name() -> None:
    silent = RecurringFreeze("* * * * *", timedelta(hours=1), "UTC", "always")
    assert judge("2026-01-10 12:00", silent).who == ""
    assert "all the same" not in judge("2026-01-10 12:00", silent).next
    granted = Rights(((Right.OVERRIDE_FREEZE, (OWNERS,)),))
    verdict = judge("2026-01-10 12:00", silent, rights=granted)
    assert verdict.who == "payments"
    assert "at least until" in verdict.what


def test_a_line_that_names_no_day_freezes_nothing() -> None:
    never = RecurringFreeze("0 0 30 2 *", timedelta(days=3_000), "UTC", "never")
    assert judge("2026-01-10 12:00", never).state is GateState.OPEN


def test_a_rare_day_long_ago_still_counts() -> None:
    leap = RecurringFreeze("0 0 29 2 *", timedelta(days=800), "UTC", "leap")
    assert frozen_until(leap, at("2026-01-10 12:00")) == at("2026-05-09 00:00")


def test_a_wall_clock_that_skips_a_day() -> None:
    apia = WallClock("Pacific/Apia")  # 30 December 2011 was left out
    assert apia.moments(local("2011-12-30 12:00")) == ()
    assert apia.first(local("2011-12-30 12:00")) == at("2011-12-30 10:00")
    assert apia.past(local("2011-12-30 12:00")) == at("2011-12-30 10:00")
