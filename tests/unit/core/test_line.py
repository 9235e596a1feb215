"""Whose turn it is: whoever asked first, unless that one is held by what lets the later one pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.lifecycle import State
from bot.core.line import MOST, ahead
from bot.core.locks import Lock, Scope
from bot.core.overrides import Overridable, Override
from bot.core.records import Deployment
from bot.core.values import SLIPWAY
from bot.core.verdicts import GateState, Verdict
from tests.fakes.samples import ADA, LINUS, NOON, SHA_A, actor, frozen, in_state

MINE = replace(frozen(), number=11, requested_by=actor(ADA))
LOCK = Lock("1", Scope("api", "staging"), actor(ADA), "incident", NOON)
LIFTED = Override(Overridable.FREEZE, ADA.id, ADA.name, MINE.digest or "", NOON, "fire")


def earlier(number: int, gate: str, state: State = State.WAITING) -> Deployment:
    """Somebody else's, held at this gate."""
    held = (Verdict(gate, GateState.WAITING, "It waits.", "", ""),)
    return replace(in_state(state), number=number, requested_by=actor(LINUS), verdicts=held)


def test_who_runs_is_ahead_of_who_asked_before() -> None:
    running = replace(in_state(State.RUNNING), number=12)
    assert ahead(MINE, [running, earlier(3, "approvals")], (), NOON) == 12
    assert ahead(MINE, [earlier(5, "approvals"), earlier(3, "approvals")], (), NOON) == 3
    assert ahead(MINE, [], (), NOON) == 0


@pytest.mark.parametrize(
    ("gate", "number"), [("lock", 0), ("approvals", 3), ("freeze", 3), ("migrations", 0), ("quarantine", 0)]
)
def test_who_waits_for_my_lock_does_not_keep_me_waiting(gate: str, number: int) -> None:
    assert ahead(MINE, [earlier(3, gate)], (LOCK,), NOON) == number


def test_nobody_passes_by_a_lock_of_somebody_else() -> None:
    theirs = replace(LOCK, owner=actor(LINUS))
    elsewhere = replace(LOCK, scope=Scope("api", "production"))
    over = replace(LOCK, until=NOON)
    assert ahead(MINE, [earlier(3, "lock")], (theirs, elsewhere, over), NOON) == 3


def test_who_waits_for_a_freeze_does_not_keep_whom_somebody_let_pass() -> None:
    assert ahead(replace(MINE, overrides=(LIFTED,)), [earlier(3, "freeze")], (), NOON) == 0
    for_another = replace(LIFTED, digest="0" * 64)
    assert ahead(replace(MINE, overrides=(for_another,)), [earlier(3, "freeze")], (), NOON) == 3


def test_who_is_ready_is_ahead_whatever_held_it_before() -> None:
    assert ahead(MINE, [earlier(3, "lock", State.READY)], (LOCK,), NOON) == 3


def test_of_a_line_that_was_not_read_whole_the_last_one_counts() -> None:
    line = [earlier(number, "lock") for number in range(1, MOST + 1)]
    own = replace(MINE, number=MOST + 9)
    assert ahead(own, line, (LOCK,), NOON) == MOST
    assert ahead(own, line[1:], (LOCK,), NOON) == 0


def test_a_fix_waits_for_nobody_whom_the_hold_after_a_rollback_holds() -> None:
    """Whoever has passed that gate is the fix; of all others the gate itself says that they wait."""
    hold = replace(LOCK, owner=SLIPWAY, spares=SHA_A)
    assert ahead(MINE, [earlier(3, "lock")], (hold,), NOON) == 0
    assert ahead(MINE, [earlier(3, "lock")], (replace(hold, until=NOON),), NOON) == 3, "it is over"
    assert ahead(MINE, [earlier(3, "approvals")], (hold,), NOON) == 3
