"""The begin and the end of a freeze are told once, whatever happens to the catalog in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.freeze_events import FreezeTurned
from bot.core.freeze_words import NAMED, freeze_text
from bot.core.freezing import frozen_since, frozen_until
from bot.core.frozen import SURE, FreezeTurn, Frozen, Told, turned
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze

PLACE = ("api", "production")
MINUTE = timedelta(minutes=1)
WEEKEND = RecurringFreeze("0 17 * * FRI", timedelta(hours=63), "Europe/London", "weekend")
FRIDAY = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)


def fixed(starts: datetime, ends: datetime, reason: str = "stocktaking") -> FixedFreeze:
    return FixedFreeze(starts.replace(tzinfo=None), ends.replace(tzinfo=None), "UTC", reason)


def told(known: Frozen | None, now: datetime, *freezes: Freeze) -> Told:
    return turned(PLACE, freezes, known, now)


@pytest.fixture
def weekend() -> Frozen:
    """Told on Friday."""
    found = told(None, FRIDAY, WEEKEND)
    assert found.turn is FreezeTurn.BEGINS
    assert found.kept == Frozen(*PLACE, FRIDAY, MONDAY)
    return found.kept


def test_it_begins_and_ends_once(weekend: Frozen) -> None:
    assert told(None, FRIDAY - MINUTE, WEEKEND) == Told(None)
    for hours in (0, 1, 40, 62):
        assert told(weekend, FRIDAY + timedelta(hours=hours), WEEKEND) == Told(weekend)
    assert told(weekend, MONDAY, WEEKEND) == Told(None, FreezeTurn.ENDS, MONDAY)


def test_one_that_began_while_nobody_looked_is_told_late_with_when_that_was() -> None:
    found = told(None, FRIDAY + timedelta(hours=20), WEEKEND)
    assert found == Told(Frozen(*PLACE, FRIDAY, MONDAY), FreezeTurn.BEGINS)


def test_the_end_is_told_late_with_when_that_was(weekend: Frozen) -> None:
    assert told(weekend, MONDAY + timedelta(hours=9), WEEKEND) == Told(None, FreezeTurn.ENDS, MONDAY)


def test_of_a_week_in_which_nobody_looked_only_what_holds_is_told(weekend: Frozen) -> None:
    week = timedelta(days=7)
    found = told(weekend, FRIDAY + week + MINUTE, WEEKEND)
    assert found == Told(Frozen(*PLACE, FRIDAY + week, MONDAY + week), FreezeTurn.BEGINS)


def test_those_that_overlap_or_follow_on_each_other_are_one() -> None:
    after = fixed(MONDAY, MONDAY + timedelta(days=1))
    beside = fixed(FRIDAY - timedelta(hours=2), FRIDAY + timedelta(hours=2))
    every = (WEEKEND, after, beside)
    first = told(None, FRIDAY - timedelta(hours=1), *every).kept
    assert first == Frozen(*PLACE, FRIDAY - timedelta(hours=2), MONDAY + timedelta(days=1))
    for moment in (FRIDAY, FRIDAY + timedelta(hours=3), MONDAY, MONDAY + timedelta(hours=23)):
        assert told(first, moment, *every) == Told(first)
        assert frozen_since(every, moment) == first.since
    end = MONDAY + timedelta(days=1)
    assert told(first, end, *every) == Told(None, FreezeTurn.ENDS, end)


def test_an_end_that_the_catalog_changes_is_told_when_it_has_said_so_for_a_while(weekend: Frozen) -> None:
    longer = replace(WEEKEND, lasts=timedelta(hours=80))
    now, end = FRIDAY + timedelta(hours=1), FRIDAY + timedelta(hours=80)
    doubted = told(weekend, now, longer)
    assert doubted == Told(replace(weekend, doubted=now))
    assert told(doubted.kept, now + MINUTE, longer) == Told(doubted.kept)
    changed = told(doubted.kept, now + SURE, longer)
    assert changed == Told(replace(weekend, until=end), FreezeTurn.CHANGES, was=MONDAY)
    assert told(changed.kept, now + SURE + MINUTE, longer) == Told(changed.kept)


def test_one_that_the_catalog_lifts_ends_early(weekend: Frozen) -> None:
    now = FRIDAY + timedelta(hours=1)
    doubted = told(weekend, now).kept
    assert told(doubted, now + SURE) == Told(None, FreezeTurn.ENDS, now, was=MONDAY)


def test_an_edit_that_is_taken_back_is_never_told(weekend: Frozen) -> None:
    now = FRIDAY + timedelta(hours=1)
    doubted = told(weekend, now).kept
    assert told(doubted, now + MINUTE, WEEKEND) == Told(weekend)


def test_two_of_us_with_two_catalogs_tell_nothing_against_each_other(weekend: Frozen) -> None:
    known: Frozen | None = weekend
    for minute in range(10):
        for catalog in ((), (WEEKEND,)):
            found = told(known, FRIDAY + minute * MINUTE, *catalog)
            assert found.turn is None
            known = found.kept


def test_words_and_rights_that_change_say_nothing_new(weekend: Frozen) -> None:
    other = replace(WEEKEND, reason="we rest")
    assert told(weekend, FRIDAY + MINUTE, other) == Told(weekend)


def test_one_without_an_end_says_so_and_tells_of_no_other_end() -> None:
    always = RecurringFreeze("0 * * * *", timedelta(hours=1), "UTC", "for ever")
    first = told(None, FRIDAY, always)
    assert first.kept is not None
    assert not first.kept.certain
    known: Frozen | None = first.kept
    for hours in range(1, 30):
        found = told(known, FRIDAY + timedelta(hours=hours), always)
        assert found.turn is None
        known = found.kept
    now = FRIDAY + timedelta(hours=30)
    lifted = told(told(known, now).kept, now + SURE)
    assert (lifted.turn, lifted.ended) == (FreezeTurn.ENDS, now)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
def test_its_begin_is_that_of_the_earliest_that_still_holds(zone: str) -> None:
    nested = RecurringFreeze("0 17 * * FRI,SAT", timedelta(hours=30), zone, "some")
    now = FRIDAY + timedelta(hours=28)  # on Saturday, in both of them
    since = frozen_since((nested,), now)
    assert frozen_until(nested, since) is not None
    assert frozen_until(nested, since - timedelta(microseconds=1)) is None


def event(turn: FreezeTurn = FreezeTurn.BEGINS, **changes: object) -> FreezeTurned:
    plain = FreezeTurned(*PLACE, turn, FRIDAY.isoformat(), MONDAY.isoformat(), True, "", "weekend", "sre")
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_begin_says_where_until_when_why_and_who_may_let_one_pass() -> None:
    others = [event(service="web"), event(environment="staging")]
    said = freeze_text([event(), *others]).plain()
    assert "Frozen: production of api and web; staging of api." in said
    assert "From 2026-03-06 17:00 UTC until 2026-03-09 08:00 UTC." in said
    assert "Why: weekend. It stands in slipway.yml." in said
    assert "Somebody of sre may let one pass: `/override #42 because ...`" in said
    assert "Nobody may let one pass." in freeze_text([event(override="")]).plain()
    assert "until at least 2026-03-09" in freeze_text([event(certain=False)]).plain()


def test_a_change_and_an_early_end_name_the_end_that_was_told() -> None:
    said = freeze_text([event(FreezeTurn.CHANGES, was=FRIDAY.isoformat())]).plain()
    assert "It lasts until 2026-03-09 08:00 UTC. It was to end 2026-03-06 17:00 UTC." in said
    said = freeze_text([event(FreezeTurn.ENDS, was=MONDAY.isoformat())]).plain()
    assert "No longer frozen: production of api." in said
    assert "It ended early: it was to last until 2026-03-09 08:00 UTC." in said
    assert "early" not in freeze_text([event(FreezeTurn.ENDS)]).plain()


def test_many_services_are_counted_and_odd_letters_spelled_out() -> None:
    many = [event(service=f"s{number}", reason="so\u202e") for number in range(NAMED + 3)]
    said = freeze_text(many).plain()
    assert f"s{NAMED - 1} and 3 more." in said
    assert "so\\u202e." in said
