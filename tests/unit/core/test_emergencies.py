"""Breaking the glass: whom it is for, which gates it passes, and that nothing else opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Policy, Tier
from bot.core.checks import Checks
from bot.core.emergencies import is_emergency, may_break_glass
from bot.core.expiring import expired
from bot.core.gates import GATES
from bot.core.gates.approvals import APPROVALS
from bot.core.gates.freeze import FREEZE
from bot.core.gates.model import Fact, FactKind, GateState, Known, Unreadable, Verdict
from bot.core.gates.requester import REQUESTER
from bot.core.going_back import TakenBack
from bot.core.identity import Identity
from bot.core.line import goes_before
from bot.core.locks import Held, Lock, Scope
from bot.core.mending import Quarantined
from bot.core.promoting import Verified
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, CheckRule, FixedFreeze, Promotion, Right, Rights
from bot.core.values import Person
from bot.core.voting import Voters
from bot.core.wishing import words_of
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    SRE,
    STRANGER,
    actor,
    frozen,
    policy,
    wish,
)

DAY = timedelta(days=1)
BY_SRE = Rights(((Right.EMERGENCY, (SRE,)),))
FROZEN = FixedFreeze(
    (NOON - DAY).replace(tzinfo=None), (NOON + DAY).replace(tzinfo=None), "UTC", "stocktaking"
)
CLOSED = policy(
    tier=Tier.PRODUCTION,
    approvals=Approvals((ApprovalRule(2, (SRE,)),)),
    freezes=(FROZEN,),
    checks=(CheckRule("test"),),
    promote_from=(Promotion("preview"),),
    rights=BY_SRE,
)
FACTS: dict[FactKind, Fact] = {
    FactKind.AHEAD: Known(3, NOON),
    FactKind.LIFTERS: Known((), NOON),
    FactKind.LOCKS: Known(
        Held((Lock("l", Scope("api", "staging"), actor(LINUS), "I move the tables", NOON, None),)), NOON
    ),
    FactKind.QUARANTINES: Known(Quarantined(), NOON),
    FactKind.TAKEN_BACK: Known(TakenBack(), NOON),
    FactKind.TICKERS: Known((), NOON),
    FactKind.CHECKS: Known(Checks(), NOON),
    FactKind.REACHABLE: Known(False, NOON),
    FactKind.VERIFIED: Known(Verified(), NOON),
    FactKind.IDENTITY: Known(Identity(), NOON),
    FactKind.REQUESTER: Known(ADA, NOON),
    FactKind.VOTERS: Known(Voters(), NOON),
}


def asked_by(person: Person, *, emergency: bool = True) -> Deployment:
    return frozen(wish=wish(reason="customers can't pay", emergency=emergency), requested_by=actor(person))


def verdicts(deployment: Deployment, rules: Policy, facts: dict[FactKind, Fact]) -> dict[str, Verdict]:
    return {gate.name: gate.judge(deployment, rules, facts, NOON) for gate in GATES}


def test_it_passes_approvals_and_freeze_by_name_and_with_the_reason() -> None:
    said = verdicts(asked_by(ADA), CLOSED, FACTS)
    passed = {name for name, each in said.items() if each.state is GateState.OVERRIDDEN}
    assert passed == {APPROVALS.name, FREEZE.name}
    for name in passed:
        assert "Ada broke the glass." in said[name].what
        assert "customers can't pay" in said[name].why


def test_every_other_gate_says_what_it_says_to_everybody() -> None:
    ordinary, urgent = (
        verdicts(asked_by(ADA, emergency=emergency), CLOSED, FACTS) for emergency in (False, True)
    )
    closed = {name for name, each in ordinary.items() if each.state is not GateState.OPEN}
    assert closed == {"references", "checks", "approvals", "promotion", "freeze", "lock", "queue", "identity"}
    for name in closed - {APPROVALS.name, FREEZE.name}:
        assert urgent[name] == ordinary[name]


def test_only_what_the_digest_stands_for_is_an_emergency() -> None:
    ordinary = asked_by(ADA, emergency=False)
    forged = replace(ordinary, wish=replace(ordinary.wish, emergency=True))
    assert not is_emergency(forged)
    assert not is_emergency(replace(asked_by(ADA), request=None))
    said = verdicts(forged, CLOSED, FACTS)
    assert said["approvals"].state is GateState.WAITING
    assert said["freeze"].state is GateState.WAITING
    assert asked_by(ADA).digest != ordinary.digest


def test_where_nothing_is_skipped_nothing_is_said_to_be() -> None:
    said = verdicts(asked_by(ADA), policy(rights=BY_SRE), FACTS)
    assert said["approvals"].state is GateState.OPEN
    assert said["freeze"].state is GateState.OPEN


@pytest.mark.parametrize("kind", [FactKind.VOTERS, FactKind.LIFTERS])
def test_what_it_skips_need_not_be_readable(kind: FactKind) -> None:
    said = verdicts(asked_by(ADA), CLOSED, {**FACTS, kind: Unreadable("nobody answers")})
    assert said["approvals"].state is GateState.OVERRIDDEN
    assert said["freeze"].state is GateState.OVERRIDDEN


GUEST_IN_GROUP = replace(GUEST, groups=frozenset({"sre"}))
STRANGER_IN_GROUP = replace(STRANGER, groups=frozenset({"sre"}))


@pytest.mark.parametrize(
    ("person", "may"),
    [(ADA, True), (LINUS, False), (GUEST_IN_GROUP, False), (STRANGER_IN_GROUP, False), (FORMER, False)],
    ids=["sre", "member", "guest", "stranger", "former"],
)
def test_whoever_lost_the_right_since_is_refused(person: Person, may: bool) -> None:
    assert may_break_glass(person, CLOSED) is may
    verdict = REQUESTER.judge(asked_by(person), CLOSED, {FactKind.REQUESTER: Known(person, NOON)}, NOON)
    assert verdict.state is (GateState.OPEN if may else GateState.REFUSED)
    if person == LINUS:
        assert "may not break the glass" in verdict.what
        assert "sre" in verdict.why
        assert "Without `emergency`" in verdict.next


def test_absent_means_nobody() -> None:
    nobody = replace(CLOSED, rights=Rights())
    assert not may_break_glass(ADA, nobody)
    facts = {FactKind.REQUESTER: Known(ADA, NOON)}
    assert REQUESTER.judge(asked_by(ADA), nobody, facts, NOON).state is GateState.REFUSED
    assert REQUESTER.judge(asked_by(ADA, emergency=False), nobody, facts, NOON).state is GateState.OPEN


def test_it_passes_the_line_but_no_earlier_emergency() -> None:
    def numbered(number: int, *, emergency: bool) -> Deployment:
        return replace(asked_by(ADA, emergency=emergency), number=number)

    first, second = numbered(1, emergency=False), numbered(2, emergency=False)
    third, fourth = numbered(3, emergency=True), numbered(4, emergency=True)
    line = [second, fourth, first, third]
    for one in line:
        before = {each.number for each in line if each is not one and goes_before(each, one)}
        assert before == {3: set(), 4: {3}, 1: {3, 4}, 2: {3, 4, 1}}[one.number]


def test_it_is_not_for_ever() -> None:
    known = asked_by(ADA)
    assert known.request is not None
    ends = replace(known, request=replace(known.request, expires_at=NOON))
    assert expired(ends, NOON) == ("The emergency is over.", "It can be asked for again.")
    assert expired(ends, NOON - timedelta(seconds=1)) is None


def test_its_words_say_that_it_is_one() -> None:
    assert words_of(wish(emergency=True)).endswith("emergency because it fixes checkout")
    assert "emergency" not in words_of(wish())
