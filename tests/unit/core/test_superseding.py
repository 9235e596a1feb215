"""Which request gives way to a newer one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import UserError
from bot.core.lifecycle import State
from bot.core.reminding import half_over, reminder_due
from bot.core.superseding import WAITS, gives_way, must_replace
from bot.core.values import Kind
from bot.core.verdicts import GateState, Verdict
from tests.fakes.samples import ADA, LINUS, NOON, actor, in_state, wish

ASKED = Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre.")


@pytest.mark.parametrize("state", State)
def test_only_what_waits_gives_way(state: State) -> None:
    older, newer = in_state(state), in_state(State.WAITING, number=8)
    assert gives_way(older, newer.wish, actor(LINUS)) is (state in WAITS)
    if state in WAITS:
        must_replace(older, newer)
    else:
        with pytest.raises(UserError, match="#7 "):
            must_replace(older, newer)


def test_others_other_lines_and_what_passes_the_line_stay() -> None:
    older = in_state(State.WAITING)
    assert not gives_way(older, wish(), actor(ADA))
    passing = (wish(emergency=True), wish(kind=Kind.ROLLBACK))
    for other in (wish(environment="production"), wish(service="web"), *passing):
        assert not gives_way(older, other, actor(LINUS))
    for other in passing:
        assert not gives_way(replace(older, wish=other), wish(), actor(LINUS))
        with pytest.raises(UserError, match="does not wait in line"):
            must_replace(replace(older, wish=other), in_state(State.WAITING, number=8))


def test_a_place_goes_to_a_newer_request_for_the_same_place() -> None:
    older, newer = in_state(State.WAITING), in_state(State.WAITING, number=8)
    elsewhere = replace(newer, wish=wish(service="web"))
    for one, other in ((newer, older), (older, older), (older, elsewhere)):
        with pytest.raises(UserError, match="does not wait behind"):
            must_replace(one, other)


def test_people_are_reminded_once_after_half_of_their_time() -> None:
    waiting = in_state(State.WAITING, verdicts=(ASKED,))
    assert waiting.request is not None
    assert not half_over(waiting, NOON + timedelta(days=9))  # nothing ends it
    ends = replace(waiting, request=replace(waiting.request, expires_at=NOON + timedelta(hours=4)))
    half = NOON + timedelta(hours=2)
    assert reminder_due(ends, half)
    assert not reminder_due(ends, half - timedelta(seconds=1))
    assert not reminder_due(replace(ends, reminded_at=half), half)
    assert not reminder_due(replace(ends, state=State.REJECTED), half)
    assert not reminder_due(replace(ends, verdicts=()), half)
