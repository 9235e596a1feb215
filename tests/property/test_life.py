"""Any walk through the life of a deployment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.lifecycle import ENDS, TRANSITIONS, IllegalTransition, State, Trigger, follow


@given(st.lists(st.sampled_from(Trigger), max_size=60))
def test_a_walk_keeps_to_the_table_and_stays_at_its_end(triggers: list[Trigger]) -> None:
    state = State.REQUESTED
    for trigger in triggers:
        try:
            after = follow(state, trigger)
        except IllegalTransition:
            assert (state, trigger) not in TRANSITIONS
            continue
        if state in ENDS:
            assert after is state
        else:
            assert TRANSITIONS[state, trigger] is after
        state = after


@given(st.data())
def test_whoever_follows_the_table_can_always_end(data: st.DataObject) -> None:
    """No way leads into a place that only loops: the nearest end is a few steps away from anywhere."""
    state = State.REQUESTED
    for _ in range(data.draw(st.integers(0, 30))):
        ways = [trigger for source, trigger in TRANSITIONS if source is state]
        if not ways:
            break
        state = follow(state, data.draw(st.sampled_from(ways)))
    assert _steps_to_end(state) <= 4


def _steps_to_end(state: State) -> int:
    steps, here = 0, {state}
    while not here & ENDS:
        steps += 1
        here = {target for (source, _), target in TRANSITIONS.items() if source in here}
    return steps
