"""When an environment is frozen, until when, and what people read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.freezing import frozen_until
from bot.core.gates.freeze import FREEZE
from bot.core.gates.model import FactKind, GateState, Known, Unreadable, Verdict
from bot.core.overrides import Overridable, Override
from bot.core.policy_version import fingerprint
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze, Right, Rights
from bot.core.values import Person
from bot.core.wall_clock import WallClock
from tests.fakes.samples import ADA, FORMER, LINUS, NOON, OWNERS, SRE, frozen, policy

LONDON = "Europe/London"
WEEKEND = RecurringFreeze("0 17 * * FRI", timedelta(hours=63), LONDON, "weekend", (SRE,))
YEAR_END = FixedFreeze(datetime(2026, 12, 20), datetime(2027, 1, 3), LONDON, "year end", (SRE, OWNERS))  # noqa: DTZ001


Word = tuple[Person, str, str]  # who lifted it, when, and another request that they had seen
OWNER = Person("U0OWNER001", "Olive", NOON)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def judge(
    now: str,
    *freezes: Freeze,
    rights: Rights | None = None,
    words: Sequence[Word] = (),
    known: Sequence[Freeze] | None = None,
) -> Verdict:
    rules = policy(freezes=freezes, rights=rights or Rights())
    deployment = frozen()
    said = tuple(
        Override(
            Overridable.FREEZE,
            person.id,
            person.name,
            digest or deployment.digest or "",
            at(when),
            "fire",
            tuple(map(fingerprint, freezes if known is None else known)),
        )
        for person, when, digest in words
    )
    facts = {FactKind.LIFTERS: Known(tuple(person for person, _, _ in words), at(now))}
    return FREEZE.judge(replace(deployment, overrides=said), rules, facts, at(now))


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
    assert verdict.next == (
        "It goes on by itself then. Somebody of sre may let it pass: `/override #7 because ...`"
    )
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
    assert "/override" not in judge("2026-01-10 12:00", silent).next
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


SATURDAY, NEXT_SATURDAY = "2026-01-10 12:00", "2026-01-17 12:00"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ((ADA, SATURDAY, ""), GateState.OVERRIDDEN),
        ((ADA, "2026-01-09 17:00", ""), GateState.OVERRIDDEN),
        ((ADA, "2026-01-09 16:59", ""), GateState.WAITING),  # before there was anything to lift
        ((ADA, "2026-01-03 12:00", ""), GateState.WAITING),  # another weekend
        ((ADA, SATURDAY, "another"), GateState.WAITING),  # another request
        ((LINUS, SATURDAY, ""), GateState.WAITING),  # out of the group by now
        ((FORMER, SATURDAY, ""), GateState.WAITING),  # left
        ((replace(ADA, guest=True), SATURDAY, ""), GateState.WAITING),
        ((replace(ADA, stranger=True), SATURDAY, ""), GateState.WAITING),
    ],
)
def test_whose_word_lifts_a_freeze(word: Word, state: GateState) -> None:
    assert judge(SATURDAY, WEEKEND, words=[word]).state is state


def test_a_lifted_freeze_says_who_and_why() -> None:
    verdict = judge(SATURDAY, WEEKEND, words=[(ADA, SATURDAY, "")])
    assert verdict.what == "staging is frozen; Ada let this one pass."
    assert verdict.why == "The reason: fire."
    assert judge(NEXT_SATURDAY, WEEKEND, words=[(ADA, SATURDAY, "")]).state is GateState.WAITING


def test_each_freeze_wants_a_word_of_its_own_people() -> None:
    theirs = FixedFreeze(local("2026-01-10"), local("2026-01-11"), LONDON, "audit", (OWNERS,))
    first = judge(SATURDAY, WEEKEND, theirs)
    assert first.who == "sre and one of payments"
    second = judge(SATURDAY, WEEKEND, theirs, words=[(ADA, SATURDAY, "")])
    assert second.state is GateState.WAITING
    assert (second.why, second.who) == ("The reason: audit.", "payments")
    both = judge(SATURDAY, WEEKEND, theirs, words=[(ADA, SATURDAY, ""), (OWNER, SATURDAY, "")])
    assert both.state is GateState.OVERRIDDEN


def test_whoever_can_not_be_read_lifts_nothing() -> None:
    unread = {FactKind.LIFTERS: Unreadable("Slack does not answer.")}
    verdict = FREEZE.judge(frozen(), policy(freezes=(WEEKEND,)), unread, at(SATURDAY))
    assert verdict.state is GateState.WAITING


def test_a_word_opens_no_freeze_that_was_written_after_it() -> None:
    """Whenever that one says that it began: nobody has seen it."""
    incident = FixedFreeze(datetime(2026, 1, 8), datetime(2026, 1, 14), LONDON, "data loss", (SRE,))  # noqa: DTZ001
    words = [(ADA, SATURDAY, "")]
    assert judge(SATURDAY, WEEKEND, incident, words=words).state is GateState.OVERRIDDEN
    later = judge(SATURDAY, WEEKEND, incident, words=words, known=[WEEKEND])
    assert later.state is GateState.WAITING
    assert "data loss" in later.why


def test_what_runs_out_before_the_end_of_the_freeze_says_so() -> None:
    deployment = frozen()
    assert deployment.request is not None
    soon = replace(deployment, request=replace(deployment.request, expires_at=at(SATURDAY)))
    verdict = FREEZE.judge(
        soon, policy(freezes=(WEEKEND,)), {FactKind.LIFTERS: Known((), NOON)}, at(SATURDAY)
    )
    assert "It runs out before that" in verdict.next
