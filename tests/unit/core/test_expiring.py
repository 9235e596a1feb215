"""What a request that came too late says: which rule held it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.expiring import expired
from bot.core.verdicts import GateState, Verdict
from tests.fakes.samples import NOON, frozen

RED = Verdict("checks", GateState.WAITING, "test is not green.", "Something failed.")
ALONE = Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre.")
AGREED = Verdict("approvals", GateState.OPEN, "Approved by Ada.")


@pytest.mark.parametrize(
    ("verdicts", "why"),
    [
        ((), "It was not approved in time."),
        ((ALONE,), "It was not approved in time."),
        ((AGREED,), "It was not approved in time."),
        ((RED, AGREED), "It did not start in time. What held it: test is not green. Something failed."),
    ],
)
def test_the_reason_is_the_rule_that_held_it(verdicts: tuple[Verdict, ...], why: str) -> None:
    known = frozen(verdicts=verdicts)
    assert known.request is not None
    late = replace(known, request=replace(known.request, expires_at=NOON))
    assert expired(late, NOON) == (why, "It can be asked for again.")
