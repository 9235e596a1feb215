"""What follows from a rollback, decided by what is on record of it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.aftermath import failure_of, kept_out_after
from bot.core.code import Direction, RefKind
from bot.core.failures import FailureSource
from bot.core.intents import PutQuarantine
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.values import DeploymentId, Kind
from tests.fakes.samples import NOON, SHA_A, SHA_B, asked, commit, in_state, resolution, wish

UNDONE = in_state(State.SUCCEEDED, id=DeploymentId("undone"), number=8)


def back(reason: str = "the checkout fails", **known: Any) -> Any:
    resolved = resolution(**({"release": commit(SHA_B), "direction": Direction.BEHIND} | known))
    goes = wish(kind=Kind.ROLLBACK, reason=reason)
    return in_state(State.VERIFYING, number=9, wish=goes, undoes=UNDONE.id, resolution=resolved)


def test_the_release_that_left_is_kept_out_of_its_service() -> None:
    expected = PutQuarantine(Scope("api"), SHA_A, SHA_A, "rolled back by #9: the checkout fails")
    assert kept_out_after(back(), UNDONE) == expected
    found = kept_out_after(back(""), UNDONE)
    assert found is not None
    assert found.reason == "rolled back by #9"


def test_it_is_called_by_its_tag() -> None:
    tagged = in_state(State.FAILED, resolution=resolution(ref_kind=RefKind.TAG, ref_name="v1.4.2"))
    found = kept_out_after(back(), tagged)
    assert found is not None
    assert (found.ref, found.sha) == ("v1.4.2", SHA_A)


@pytest.mark.parametrize(
    "known",
    [
        {"release": commit(SHA_A)},  # the same release once more
        {"direction": Direction.AHEAD},  # what came back is made of it
        {"direction": Direction.IDENTICAL},
    ],
)
def test_what_came_back_is_never_kept_out(known: dict[str, Any]) -> None:
    assert kept_out_after(back(**known), UNDONE) is None


def test_what_was_never_read_has_no_release_to_keep_out() -> None:
    assert kept_out_after(back(), asked()) is None


@pytest.mark.parametrize("direction", [Direction.BEHIND, Direction.DIVERGED, Direction.UNRELATED, None])
def test_whatever_else_left_is(direction: Direction | None) -> None:
    assert kept_out_after(back(direction=direction), UNDONE) is not None


def test_a_failure_counts_from_when_the_release_was_there() -> None:
    found = failure_of(back(), UNDONE)
    assert (found.service, found.environment, found.deployment) == ("api", "staging", UNDONE.id)
    assert (found.source, found.external_id) == (FailureSource.ROLLBACK, UNDONE.id)
    assert (found.summary, found.started_at, found.ended_at) == ("the checkout fails", UNDONE.ended_at, None)
    landed = in_state(State.BYPASSED, landed_at=NOON)
    assert failure_of(back(), landed).started_at == NOON
    assert failure_of(back(""), UNDONE).summary == "#9 takes it away."
