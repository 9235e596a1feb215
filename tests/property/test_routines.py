"""Slots of what is measured on a schedule: each fires once, whenever and however often somebody looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.core.routines import due_slot, slot_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPANS = st.integers(min_value=300, max_value=7 * 86_400).map(lambda each: timedelta(seconds=each))
SEEDS = st.text(max_size=20)
# Ticks are a minute apart, or two of them come together, or nobody was there for weeks.
PAUSES = st.lists(
    st.one_of(st.just(60.0), st.just(0.0), st.floats(min_value=0, max_value=3 * 7 * 86_400)), max_size=60
)


@given(every=SPANS, seed=SEEDS, pauses=PAUSES)
def test_each_slot_that_anybody_saw_fires_once_and_in_order(
    every: timedelta, seed: str, pauses: list[float]
) -> None:
    now, last = NOON, None
    fired: list[datetime] = []
    seen: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        seen.append(slot_at(every, seed, now))
        slot = due_slot(every, seed, last, now)
        if slot is not None:
            last = slot
            fired.append(slot)
            assert slot <= now < slot + every, "of those that were missed, only the last one"
    assert fired == list(dict.fromkeys(seen))
    assert fired == sorted(fired)


@given(every=SPANS, seed=SEEDS, ticks=st.integers(min_value=1, max_value=40))
def test_who_ticks_every_minute_misses_no_slot(every: timedelta, seed: str, ticks: int) -> None:
    minutes = [NOON + timedelta(minutes=each) for each in range(ticks)]
    slots = sorted({slot_at(every, seed, each) for each in minutes})
    assert all(later - sooner == every for sooner, later in pairwise(slots))


@given(every=SPANS, seed=SEEDS, back=st.floats(min_value=0, max_value=86_400))
def test_a_clock_that_goes_back_fires_nothing_again(every: timedelta, seed: str, back: float) -> None:
    last = slot_at(every, seed, NOON)
    assert due_slot(every, seed, last, NOON - timedelta(seconds=back)) is None


def test_places_are_spread_over_the_time_between() -> None:
    every = timedelta(hours=4)
    begins = {slot_at(every, f"routine/api/{number}", NOON) for number in range(100)}
    assert len(begins) > 90
    early = [each for each in begins if NOON - each < every / 2]
    assert 25 < len(early) < 75
