"""The table of a deployment's life, and the picture drawn from it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from bot.app.generated import diagram
from bot.core.lifecycle import (
    ENDS,
    HOLDING,
    TRANSITIONS,
    IllegalTransition,
    State,
    Trigger,
    allowed,
    follow,
)

ENDS_WE_SPEAK_OF = {
    State.SUCCEEDED,
    State.REFUSED,
    State.REJECTED,
    State.EXPIRED,
    State.WITHDRAWN,
    State.SUPERSEDED,
    State.STALE,
    State.FAILED,
    State.CANCELLED,
    State.ROLLED_BACK,
    State.BYPASSED,
}


def reachable(start: State) -> set[State]:
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (source, _), target in TRANSITIONS.items():
            if source is here and target not in found:
                found.add(target)
                todo.append(target)
    return found


def test_the_ends_are_those_we_speak_of() -> None:
    assert ENDS == ENDS_WE_SPEAK_OF


@pytest.mark.parametrize("state", [state for state in State if state not in ENDS])
def test_every_state_reaches_an_end_and_is_reached(state: State) -> None:
    assert reachable(state) & ENDS
    assert state in reachable(State.REQUESTED)


@pytest.mark.parametrize(("state", "trigger"), list(product(State, Trigger)))
def test_every_pair_has_one_meaning(state: State, trigger: Trigger) -> None:
    if state in ENDS:
        assert follow(state, trigger) is state
        assert not allowed(state, trigger)
    elif (state, trigger) in TRANSITIONS:
        assert follow(state, trigger) is TRANSITIONS[state, trigger]
        assert allowed(state, trigger)
    else:
        with pytest.raises(IllegalTransition, match=state.value):
            follow(state, trigger)


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_is_used(trigger: Trigger) -> None:
    assert any(each is trigger for _, each in TRANSITIONS)


def test_the_slot_is_taken_once_and_held_to_the_end() -> None:
    for (source, trigger), target in TRANSITIONS.items():
        if (source, trigger) == (State.DISPATCHING, Trigger.CLOSE_GATES):
            assert target is State.WAITING  # before anything was sent, others may go first
        elif source in HOLDING:
            assert target in HOLDING | ENDS
        elif target in HOLDING:
            assert trigger is Trigger.TAKE_SLOT
    assert State.UNKNOWN in HOLDING


def test_success_comes_from_verifying_alone() -> None:
    ways = [source for (source, _), target in TRANSITIONS.items() if target is State.SUCCEEDED]
    assert ways == [State.VERIFYING]


@pytest.mark.parametrize("state", [State.READY, *sorted(HOLDING)])
def test_nothing_from_ready_on_is_retired_by_another(state: State) -> None:
    assert not allowed(state, Trigger.SUPERSEDE)


def test_the_picture_in_the_docs_is_drawn_from_the_table() -> None:
    drawn = Path("docs/lifecycle.md").read_text()
    assert drawn == diagram()
    assert all(
        f"    {source} --> {target}: {trigger}\n" in drawn
        for (source, trigger), target in TRANSITIONS.items()
    )
