"""A year of freezes as channels hear of them, held against what every half hour of that year looks like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.freezing import frozen_until
from bot.core.frozen import FreezeTurn, Frozen, turned
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze

START, STEP = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=30)
MOMENTS = [START + each * STEP for each in range(365 * 48)]
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
# Each in half hours, so that nothing begins and ends between two looks.
CRONS = ("0 17 * * FRI", "30 16 * * FRI,SAT", "0 0 1 * *", "30 1 * * SUN")
PLACE = ("api", "production")
Heard = tuple[FreezeTurn, datetime, Frozen]


@st.composite
def rules(draw: st.DrawFn) -> tuple[Freeze, ...]:
    zone = draw(st.sampled_from(ZONES))
    lasts = timedelta(minutes=30 * draw(st.integers(2, 140)))
    starts = datetime(2026, 1, 2) + timedelta(hours=draw(st.integers(0, 8500)))  # noqa: DTZ001
    recurring = RecurringFreeze(draw(st.sampled_from(CRONS)), lasts, zone, "some")
    return recurring, FixedFreeze(starts, starts + 2 * lasts, draw(st.sampled_from(ZONES)), "other")


def heard(freezes: tuple[Freeze, ...], moments: Sequence[datetime]) -> list[Heard]:
    """What was told at these looks: when it turned, and the place as it was or is kept."""
    known: Frozen | None = None
    found = []
    for moment in moments:
        told = turned(PLACE, freezes, known, moment)
        kept = told.kept or known
        if told.turn is not None and kept is not None:
            found.append((told.turn, told.ended or kept.since, kept))
        known = told.kept
    return found


@settings(max_examples=2, deadline=None)
@given(rules())
def test_each_begin_and_each_end_is_told_once(freezes: tuple[Freeze, ...]) -> None:
    frozen = [any(frozen_until(each, moment) for each in freezes) for moment in MOMENTS]
    at, spells = 0, []
    for is_frozen, same in groupby(frozen):
        length = len(list(same))
        if is_frozen:
            spells.append((MOMENTS[at], at + length))
        at += length
    told = heard(freezes, MOMENTS)
    begun = [moment for turn, moment, _ in told if turn is FreezeTurn.BEGINS]
    ended = [moment for turn, moment, _ in told if turn is FreezeTurn.ENDS]
    assert [turn for turn, _, _ in told if turn is FreezeTurn.CHANGES] == []
    assert begun == [since for since, _ in spells]
    assert ended == [MOMENTS[end] for _, end in spells if end < len(MOMENTS)]
    assert [kept.until for turn, _, kept in told if turn is FreezeTurn.BEGINS][: len(ended)] == ended


@settings(max_examples=5, deadline=None)
@given(rules(), st.integers(0, 1000))
def test_whoever_was_away_tells_of_what_holds_and_nothing_twice(
    freezes: tuple[Freeze, ...], seed: int
) -> None:
    looks = MOMENTS[: 90 * 48 : 7]
    random = Random(seed)
    there = [each for each in looks if random.random() < 0.3]
    told = heard(freezes, there)
    for (_, _, before), (turn, moment, kept) in pairwise(told):
        if turn is FreezeTurn.BEGINS:
            assert moment > before.until
            assert any(frozen_until(each, moment) for each in freezes)
        else:
            assert (turn, moment) == (FreezeTurn.ENDS, kept.until)
            assert kept == before
