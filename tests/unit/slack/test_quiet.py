"""Pauses that Slack asks for, on a clock that the test turns."""

from __future__ import annotations

import pytest

from bot.core.errors import Ambiguous, NeedsHuman, Transient
from integrations.slack.quiet import Quiet


class Turned:
    """Seconds as the test sets them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(quiet: Quiet, error: Exception, channel: str = "C1") -> None:
    with pytest.raises(type(error)), quiet.keeping("post", channel):
        raise error


def test_a_pause_is_kept_by_everybody_until_it_is_over() -> None:
    clock = Turned()
    quiet = Quiet(clock)
    fail(quiet, Transient("slow down.", retry_after=30))
    clock.now += 10
    with pytest.raises(Transient) as held, quiet.keeping("post", "C1"):
        pytest.fail("nobody may call now")
    assert held.value.retry_after == 20
    clock.now += 20
    with quiet.keeping("post", "C1"):
        clock.now += 1
    assert clock.now == 131


def test_others_do_not_wait() -> None:
    quiet, called = Quiet(Turned()), []
    fail(quiet, Transient("slow down.", retry_after=30))
    for method, channel in (("post", "C2"), ("edit", "C1")):
        with quiet.keeping(method, channel):
            called.append(method)
    assert called == ["post", "edit"]


@pytest.mark.parametrize("error", [Transient("down."), Ambiguous("broke off."), NeedsHuman("no")])
def test_only_what_asks_for_a_pause_gets_one(error: Exception) -> None:
    quiet, called = Quiet(Turned()), []
    fail(quiet, error)
    with quiet.keeping("post", "C1"):
        called.append("post")
    assert called == ["post"]
