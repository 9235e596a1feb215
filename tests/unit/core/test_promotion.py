"""Which releases may be promoted, and what people read when one may not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.gates.model import FactKind, GateState, Known, Unreadable, Verdict
from bot.core.gates.promotion import PROMOTION
from bot.core.promoting import Past, Span, Stay, Verified, spans
from bot.core.rules import Promotion
from tests.fakes.samples import NOON, frozen, policy

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PLAIN = Promotion("staging")
SOAKED = Promotion("staging", soak=2 * HOUR)
RECENT = Promotion("staging", within=7 * DAY)
BOTH = Promotion("staging", within=7 * DAY, soak=2 * HOUR)


def stay(since: timedelta | None, until: timedelta | None = None, number: int = 1) -> Stay:
    """Verified so long ago, replaced so long ago."""
    return Stay(number, NOON - since if since is not None else None, NOON - until if until else None)


def judge(*rules: Promotion, **pasts: tuple[Stay, ...]) -> Verdict:
    known = Verified(tuple(Past(name, stays) for name, stays in pasts.items()))
    return PROMOTION.judge(
        frozen(), policy(promote_from=rules), {FactKind.VERIFIED: Known(known, NOON)}, NOON
    )


@pytest.mark.parametrize(
    ("rule", "stays", "state"),
    [
        (PLAIN, (), GateState.REFUSED),
        (PLAIN, (stay(HOUR),), GateState.OPEN),
        (PLAIN, (stay(300 * DAY, 299 * DAY),), GateState.OPEN),  # replaced since, but verified
        (PLAIN, (stay(None, number=5),), GateState.WAITING),
        (RECENT, (stay(7 * DAY),), GateState.OPEN),
        (RECENT, (stay(7 * DAY + HOUR),), GateState.REFUSED),
        (RECENT, (stay(8 * DAY), stay(HOUR)), GateState.OPEN),  # deployed once more
        (RECENT, (stay(8 * DAY), stay(None)), GateState.WAITING),
        (SOAKED, (stay(2 * HOUR),), GateState.OPEN),
        (SOAKED, (stay(2 * HOUR - timedelta(seconds=1)),), GateState.WAITING),
        (SOAKED, (stay(5 * HOUR, 3 * HOUR),), GateState.OPEN),
        (SOAKED, (stay(5 * HOUR, 4 * HOUR),), GateState.REFUSED),
        (SOAKED, (stay(5 * HOUR, 4 * HOUR), stay(HOUR)), GateState.WAITING),
        (
            SOAKED,
            (stay(9 * HOUR, 8 * HOUR), stay(7 * HOUR, 6 * HOUR)),
            GateState.REFUSED,
        ),  # not one hour twice
        (SOAKED, (stay(3 * HOUR), stay(HOUR)), GateState.OPEN),  # the same once more breaks nothing
        (BOTH, (stay(8 * DAY), stay(HOUR)), GateState.OPEN),
        (BOTH, (stay(9 * DAY, 8 * DAY), stay(HOUR)), GateState.WAITING),
        (BOTH, (stay(9 * DAY, 8 * DAY),), GateState.REFUSED),
    ],
)
def test_when_a_release_may_be_promoted(rule: Promotion, stays: tuple[Stay, ...], state: GateState) -> None:
    assert judge(rule, staging=stays).state is state


def test_nothing_asked_for_is_open() -> None:
    assert judge().state is GateState.OPEN


def test_all_of_several_must_hold() -> None:
    rules = (Promotion("development"), PLAIN)
    assert judge(*rules, staging=(stay(HOUR),)).state is GateState.REFUSED
    assert judge(*rules, development=(stay(HOUR),)).state is GateState.REFUSED
    assert judge(*rules, development=(stay(HOUR),), staging=(stay(None),)).state is GateState.WAITING
    assert judge(*rules, development=(stay(HOUR),), staging=(stay(HOUR),)).state is GateState.OPEN


def test_what_can_never_hold_is_said_before_what_only_takes_time() -> None:
    verdict = judge(SOAKED, Promotion("development"), staging=(stay(HOUR),))
    assert verdict.state is GateState.REFUSED
    assert "development" in verdict.why


def test_it_says_why_and_what_next() -> None:
    soaking = judge(SOAKED, staging=(stay(HOUR),))
    assert soaking.what == "It is not in staging for long enough."
    assert soaking.why == "It has been live there for 1h, and must be for 2h."
    assert soaking.next == "It goes on by itself at Mon 2 Mar 2026, 13:00 (UTC)."
    coming = judge(PLAIN, staging=(stay(None, number=5),))
    assert coming.why == "#5 brings it there."
    assert judge(PLAIN).why == "It was never verified in staging."
    assert judge(RECENT, staging=(stay(8 * DAY),)).why == "It was verified in staging longer than 7d ago."
    short = judge(SOAKED, staging=(stay(5 * HOUR, 4 * HOUR),))
    assert short.why == "Another release took its place in staging before it was live for 2h."
    for verdict in (soaking, coming, short, judge(PLAIN)):
        assert verdict.next


def test_what_cannot_be_read_waits() -> None:
    facts = {FactKind.VERIFIED: Unreadable("the database does not answer.")}
    verdict = PROMOTION.judge(frozen(), policy(promote_from=(PLAIN,)), facts, NOON)
    assert verdict.state is GateState.WAITING


def test_stays_with_the_same_end_are_one_span() -> None:
    first, again, other = stay(5 * HOUR, HOUR), stay(3 * HOUR, HOUR), stay(9 * HOUR, 8 * HOUR)
    assert spans((first, again, other, stay(None))) == (
        Span(NOON - 9 * HOUR, NOON - 9 * HOUR, NOON - 8 * HOUR),
        Span(NOON - 5 * HOUR, NOON - 3 * HOUR, NOON - HOUR),
    )
