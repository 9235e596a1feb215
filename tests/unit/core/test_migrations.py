"""Going back over a migration waits for somebody's word; going on does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.code import Comparison, Direction
from bot.core.errors import Denied
from bot.core.gates.migrations import MIGRATIONS
from bot.core.gates.model import FactKind, GateState, Known, Verdict
from bot.core.going_back import TakenBack, all_of, taken_back
from bot.core.overrides import Overridable, Override
from bot.core.passing import covers
from bot.core.policy_version import fingerprint
from bot.core.records import Deployment
from bot.core.rules import Right, Rights
from bot.core.values import Kind, Person
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    SRE,
    actor,
    catalog,
    frozen,
    policy,
    service,
    wish,
)

GUARDED = ("db/migrations/**",)
REFUNDS = "db/migrations/0042_refunds.sql"
RIGHTS = Rights(((Right.OVERRIDE_MIGRATIONS, (SRE,)),))
LOST = TakenBack((REFUNDS,), True, 6)


def judge(
    taken: TakenBack,
    *people: Person,
    words: Sequence[Override] = (),
    guarded: tuple[str, ...] = GUARDED,
    asked: Deployment | None = None,
) -> Verdict:
    deployment = replace(asked or frozen(), overrides=tuple(words))
    facts = {FactKind.TAKEN_BACK: Known(taken, NOON), FactKind.LIFTERS: Known(people, NOON)}
    return MIGRATIONS.judge(deployment, policy(migrations=guarded, rights=RIGHTS), facts, NOON)


def compared(direction: Direction, *paths: str, truncated: bool = False) -> TakenBack:
    return taken_back(Comparison(direction, (), paths, 1, truncated, "https://code.test"), 6)


@pytest.mark.parametrize(
    ("direction", "state"),
    [
        (Direction.BEHIND, GateState.OPEN),  # what runs is behind the release: it goes on
        (Direction.IDENTICAL, GateState.OPEN),
        (Direction.AHEAD, GateState.WAITING),
        (Direction.DIVERGED, GateState.WAITING),
    ],
)
def test_what_runs_compared_with_the_release(direction: Direction, state: GateState) -> None:
    assert judge(compared(direction, "src/app.py", REFUNDS)).state is state
    assert judge(compared(direction, "src/app.py")).state is GateState.OPEN
    assert judge(compared(direction, REFUNDS), guarded=()).state is GateState.OPEN


@pytest.mark.parametrize("direction", [Direction.AHEAD, Direction.DIVERGED, Direction.UNRELATED])
def test_a_list_that_was_cut_off_is_closed(direction: Direction) -> None:
    verdict = judge(compared(direction, "src/app.py", truncated=True))
    assert verdict.state is GateState.WAITING
    assert verdict.what == "Nobody can say which migrations it would take back."
    named = judge(compared(direction, REFUNDS, truncated=True))
    assert named.what == f"It would take migrations back: {REFUNDS} and nobody can say which others."
    assert judge(compared(Direction.BEHIND, REFUNDS, truncated=True)).state is GateState.OPEN


def test_it_says_what_and_who_and_how() -> None:
    verdict = judge(compared(Direction.AHEAD, *(f"db/migrations/{n}.sql" for n in range(5))))
    assert verdict.what.endswith("db/migrations/2.sql and 2 more.")
    assert "#6 runs there" in verdict.why
    assert "`/override #7 migrations because ...`" in verdict.next
    assert verdict.who == "sre"


def word(person: Person, *paths: str, whole: bool = True, over: int = 6, **changes: Any) -> Override:
    part = fingerprint((over, paths or (REFUNDS,), whole))
    digest = frozen().digest or ""
    said = Override(Overridable.MIGRATIONS, person.id, person.name, digest, NOON, "it is additive", (part,))
    return replace(said, **changes)


@pytest.mark.parametrize(
    ("said", "person", "state"),
    [
        (word(ADA), ADA, GateState.OVERRIDDEN),
        (word(ADA), replace(ADA, groups=frozenset()), GateState.WAITING),
        (word(FORMER), FORMER, GateState.WAITING),
        (word(LINUS), LINUS, GateState.WAITING),
        (word(GUEST), replace(GUEST, groups=ADA.groups), GateState.WAITING),
        (word(ADA, digest="another"), ADA, GateState.WAITING),
        (word(ADA, gate=Overridable.CHECKLIST), ADA, GateState.WAITING),
        (word(ADA, "db/migrations/1.sql"), ADA, GateState.WAITING),  # something else runs there by now
        (word(ADA, whole=False), ADA, GateState.WAITING),
        (word(ADA, over=5), ADA, GateState.WAITING),  # the same files, as another release left them
    ],
)
def test_whose_word_opens_it(said: Override, person: Person, state: GateState) -> None:
    verdict = judge(compared(Direction.AHEAD, REFUNDS), person, words=[said])
    assert verdict.state is state
    if state is GateState.OVERRIDDEN:
        assert "Ada let this one pass" in verdict.what
        assert verdict.why == "The reason: it is additive."


def test_a_history_that_is_gone_waits_for_a_word_on_what_runs() -> None:
    gone = TakenBack((), False, 6, "GitHub does not show it.")
    verdict = judge(gone)
    assert verdict.what == "It can't be read what it would take back."
    assert verdict.why.startswith("GitHub does not show it. #6 runs there")
    assert "`/override #7 migrations because ...`" in verdict.next
    said = replace(word(ADA), held=verdict.held)
    assert judge(gone, ADA, words=[said]).state is GateState.OVERRIDDEN
    for other in (replace(gone, number=8), TakenBack((REFUNDS,), True, 6), TakenBack((REFUNDS,), False, 6)):
        assert judge(other, ADA, words=[said]).state is GateState.WAITING
    cut = compared(Direction.UNRELATED, truncated=True)
    assert judge(cut, ADA, words=[replace(said, held=judge(cut).held)]).state is GateState.OVERRIDDEN


def rollback(*, emergency: bool = False) -> Deployment:
    """Ada, who has the right, asked for it."""
    known = catalog(service("api", Environment("staging", policy(migrations=GUARDED, rights=RIGHTS))))
    asked = wish(kind=Kind.ROLLBACK, emergency=emergency)
    return frozen(known=known, wish=asked, requested_by=actor(ADA))


def said_of(asked: Deployment, person: Person) -> Override:
    return replace(word(person), digest=asked.digest or "")


def test_going_back_over_a_migration_takes_a_second_person() -> None:
    asked, grace = rollback(), replace(LINUS, groups=ADA.groups)
    alone = judge(LOST, ADA, words=[said_of(asked, ADA)], asked=asked)
    assert alone.state is GateState.WAITING
    assert "Somebody of sre other than Ada, who asked for it, may let it pass" in alone.next
    both = judge(LOST, ADA, grace, words=[said_of(asked, ADA), said_of(asked, grace)], asked=asked)
    assert both.state is GateState.OVERRIDDEN
    assert "Linus let this one pass." in both.what


def test_a_deployment_and_an_emergency_take_one() -> None:
    for asked in (rollback(emergency=True), replace(rollback(), wish=wish())):
        verdict = judge(LOST, ADA, words=[said_of(asked, ADA)], asked=asked)
        assert verdict.state is GateState.OVERRIDDEN, asked.wish


def test_whoever_asked_is_told_whom_to_ask() -> None:
    held = replace(rollback(), verdicts=(judge(LOST, asked=rollback()),))
    with pytest.raises(Denied) as refused:
        covers(Overridable.MIGRATIONS, ADA, held, catalog(), NOON)
    assert "going back over a migration takes a second person" in refused.value.why
    assert refused.value.next == "Ask somebody else of sre."
    grace = replace(LINUS, groups=ADA.groups)
    assert covers(Overridable.MIGRATIONS, grace, held, catalog(), NOON) == held.verdicts[0].held


def test_what_failed_on_its_way_counts_with_what_runs() -> None:
    runs, failed = TakenBack(("src/app.py",), True, 6), TakenBack((REFUNDS, "src/app.py"), True, 7)
    assert all_of((runs, failed)) == TakenBack(("src/app.py", REFUNDS), True, 7)
    assert all_of((runs, TakenBack(number=7))) == runs
    assert all_of(()) == TakenBack()
    gone = TakenBack((), False, 7, "GitHub does not show it.")
    assert all_of((runs, gone)) == TakenBack(("src/app.py",), False, 7, "GitHub does not show it.")
