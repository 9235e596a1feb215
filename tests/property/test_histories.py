"""Where a rollback leads, against a second opinion: some histories here, 10,000 in `make proof`."""

from __future__ import annotations

from random import Random

import pytest

from bot.core.lifecycle import State
from bot.core.values import Kind
from tests.property.histories import carried, told
from tests.property.histories.acts import Deed, pasts
from tests.property.histories.drawing import drawn
from tests.property.histories.opinion import Reason, opinion
from tests.property.histories.past import Happening, Past


def test_two_opinions_agree() -> None:
    assert list(told.disagreements(7, 300)) == []


@pytest.mark.long
async def test_two_opinions_agree_on_what_a_database_kept(database_url: str) -> None:
    assert await carried.disagreements(database_url, 7, 20) == []


def test_the_histories_hold_all_that_can_happen() -> None:
    random = Random(7)
    histories = [drawn(random) for _ in range(300)]
    acts = [act for history in histories for act in history]
    assert {act.deed for act in acts} == set(Deed)
    reasons = [opinion(past).reasons.values() for history in histories for past in pasts(history)]
    assert {reason for each in reasons for held in each for reason in held} == set(Reason)


def test_the_second_opinion_itself() -> None:
    one, two, three = (Happening(n, Kind.DEPLOY, r, State.SUCCEEDED) for n, r in enumerate("abc", 1))
    back = Happening(4, Kind.ROLLBACK, "a", State.SUCCEEDED, undoes=3)
    assert opinion(Past((one, two, three))).choices == ("b", "a")
    found = opinion(Past((one, two, three, back)))
    assert (found.runs, found.choices) == (back, ())
    assert found.reasons == {"a": {Reason.RUNS}, "b": {Reason.COVERED}, "c": {Reason.LEFT, Reason.COVERED}}
