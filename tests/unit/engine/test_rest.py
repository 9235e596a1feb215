"""Loops rest until something is due or somebody calls, and only look meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import Transient
from bot.engine.rest import AFTER_FAILURE, LEAST, LONGEST, rest


class Night:
    """Says in turn what is due, and whether somebody called; notes how long was waited."""

    def __init__(self, *due: float | None, calls: int = 0) -> None:
        self.due = list(due)
        self.calls = calls
        self.waits: list[float] = []

    async def next_due(self) -> timedelta | None:
        seconds = self.due.pop(0)
        return None if seconds is None else timedelta(seconds=seconds)

    async def wake(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) == self.calls


async def test_what_is_due_soon_ends_the_rest() -> None:
    night = Night(2.5)
    await rest(night.next_due, night.wake)
    assert night.waits == [2.5]


async def test_a_call_ends_it_at_once() -> None:
    night = Night(None, None, None, calls=2)
    await rest(night.next_due, night.wake)
    assert night.waits == [LONGEST, LONGEST]


async def test_what_a_lost_call_would_have_said_is_found_by_looking() -> None:
    night = Night(None, 3600, -1)
    await rest(night.next_due, night.wake)
    assert night.waits == [LONGEST, LONGEST, LEAST]


@pytest.mark.parametrize("due", [0, -30])
async def test_what_somebody_else_holds_is_not_asked_for_all_the_time(due: float) -> None:
    night = Night(due)
    await rest(night.next_due, night.wake)
    assert night.waits == [LEAST]


async def test_a_database_that_is_away_is_tried_again_soon() -> None:
    night = Night()

    async def away() -> None:
        raise Transient("it is away")

    await rest(away, night.wake)
    assert night.waits == [AFTER_FAILURE]
