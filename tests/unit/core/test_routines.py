"""What each end of a measuring means, and what people read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.courses import Course, Turn
from bot.core.lifecycle import State
from bot.core.owning import Owners
from bot.core.records import Live
from bot.core.routine_words import News, routine_text, told
from bot.core.routines import concluded, identity, posts_at
from bot.core.rules import HttpVerification, Routine
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind
from bot.core.verifications import Measured, Outcome
from bot.core.verify_words import AT_MOST
from tests.fakes.samples import ADA, LINUS, NOON, SHA_C, in_state, policy, service

HEALTH = HttpVerification("https://api.example.com/health")
ROUTINE = Routine(HEALTH, timedelta(hours=4))
START = Course("api", "staging", identity(ROUTINE), NOON)
P, F, Q, M = Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.MEASURING
SAID = {P: "right", F: "answered 503, 200 was wanted", Q: "no series", M: "1 of 3 in a row"}
LIVE = Live("api", "staging", in_state(State.SUCCEEDED))


def ends(hours: int, outcome: Outcome) -> Measured:
    begun = NOON + timedelta(hours=4 * hours)
    read = begun + timedelta(seconds=30)
    return Measured("health", outcome, SAID[outcome], begun_at=begun, read_at=read)


def turns(*outcomes: Outcome) -> tuple[Course, list[Turn | None]]:
    course, found = START, []
    for number, outcome in enumerate(outcomes):
        course, turn = concluded(course, ends(number, outcome))
        found.append(turn)
    return course, found


@pytest.mark.parametrize(
    ("outcomes", "wanted"),
    [
        ((P, P), [None, None]),
        ((F,), [Turn.FAILS]),
        ((P, F, F, F, P, P), [None, Turn.FAILS, None, None, Turn.HOLDS, None]),
        ((F, P, F), [Turn.FAILS, Turn.HOLDS, Turn.FAILS]),
        ((Q, P, Q, P), [None, None, None, None]),
        ((Q, Q, Q, P), [None, Turn.UNMEASURED, None, Turn.HOLDS]),
        ((Q, Q, F, F), [None, Turn.UNMEASURED, Turn.FAILS, None]),
        ((F, Q, F, P), [Turn.FAILS, None, None, Turn.HOLDS]),
        ((F, Q, Q, F, Q, Q), [Turn.FAILS, None, Turn.UNMEASURED, None, None, Turn.UNMEASURED]),
        ((M, M, P), [None, None, None]),
    ],
    ids=str,
)
def test_what_turns_is_told_once(outcomes: Sequence[Outcome], wanted: list[Turn | None]) -> None:
    assert turns(*outcomes)[1] == wanted


def test_since_when_is_kept_until_it_holds() -> None:
    failing, _ = turns(P, F, Q, F)
    assert failing.failing_since == ends(1, F).begun_at
    assert failing.held_at == ends(0, P).read_at
    assert failing.measured is None
    held, _ = turns(P, F, Q, Q, P)
    assert held == replace(START, last=ends(4, P), held_at=ends(4, P).read_at)


def test_a_measuring_goes_on_with_what_was_read() -> None:
    course, _ = turns(F, M)
    assert course.measured == ends(1, M)
    assert course.last == ends(0, F)


def words(
    turn: Turn,
    before: Course,
    found: Measured,
    owners: Owners | None = None,
    later: Arrival | None = None,
) -> str:
    there = Environment("staging", policy(verify=(HEALTH,)), routines=(ROUTINE,))
    (post,) = posts_at(service("api", there), there)
    return told(News(post, before, found, turn, LIVE, later, owners or Owners())).plain()


def test_one_that_fails_says_what_since_when_and_what_next() -> None:
    text = words(Turn.FAILS, turns(P)[0], ends(1, F), Owners("sre", (ADA, LINUS), whole=False))
    assert "health: answered 503, 200 was wanted." in text
    assert "Since 2026-03-02 16:00 UTC · it held when it was measured last, 2026-03-02 12:00 UTC" in text
    assert f"#{LIVE.deployment.number} (`" in text
    assert "For the owners (sre): @Ada, @Linus and others." in text
    assert "Nothing goes back by itself because of this." in text
    assert "`/state api staging`" in text
    assert "`/rollback api staging`" in text
    assert "https://code.test/runs/101" in text


def test_what_nobody_can_tell_is_called_by_another_name() -> None:
    text = words(Turn.UNMEASURED, turns(P, Q)[0], ends(2, Q))
    assert "a verification could not be measured." in text
    assert "Nobody can tell since 2026-03-02 16:00 UTC · it held when it was measured last" in text
    assert "fail" not in text
    assert "/rollback" not in text
    assert "it was failing then" in words(Turn.UNMEASURED, turns(F, Q)[0], ends(2, Q))


def test_one_that_holds_again_says_after_how_long() -> None:
    assert "it holds again after 8h." in words(Turn.HOLDS, turns(F, F)[0], ends(2, P))
    again = words(Turn.HOLDS, turns(Q, Q)[0], ends(2, P))
    assert "it could be measured again, and holds, after 8h." in again


def test_what_went_there_later_is_named() -> None:
    later = Arrival(DeploymentId("nine"), 9, Kind.DEPLOY, State.ROLLED_BACK, SHA_C, None)
    text = words(Turn.FAILS, START, ends(0, F), later=later)
    assert "#9 (`ccccccc`) went there after it and is rolled back." in text
    assert "after it" not in words(Turn.FAILS, START, ends(0, F))


def shown(*courses: Course, routines: int = 1, hours: float = 5) -> str:
    rules = [replace(HEALTH, passes=each + 1) for each in range(routines)]
    there = Environment("staging", policy(), routines=tuple(Routine(each, ROUTINE.every) for each in rules))
    now = NOON + timedelta(hours=hours)
    return routine_text(posts_at(service("api", there), there), courses, now).plain()


def test_where_they_are_asked_for_each_has_its_age() -> None:
    assert shown(routines=0) == ""
    assert "not measured yet, every 4h" in shown()
    assert "right · 4h59m ago, every 4h" in shown(turns(P)[0])
    failing = shown(turns(P, F)[0])
    assert "answered 503, 200 was wanted · fails since 2026-03-02 16:00 UTC · 59m ago, every 4h" in failing
    assert "0s ago" in shown(turns(P)[0], hours=0), "a clock may be a little behind"


def test_there_are_never_too_many_lines() -> None:
    assert shown(routines=AT_MOST + 3).splitlines()[-1] == "… and 3 more"
    assert len(shown(routines=AT_MOST).splitlines()) == AT_MOST + 1
