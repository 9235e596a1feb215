"""Each gate's verdicts; what cannot be read never opens one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.core import gates
from bot.core.catalog import Tier
from bot.core.checks import Checks
from bot.core.code import RefKind
from bot.core.errors import Bug
from bot.core.gates import GATES
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict, passes
from bot.core.gates.queue import QUEUE
from bot.core.gates.refs import REFS, admits, must_contain
from bot.core.gates.requester import REQUESTER
from bot.core.gates.unknown_rules import UNKNOWN_RULES
from bot.core.going_back import TakenBack
from bot.core.identity import Identity
from bot.core.locks import Held
from bot.core.mending import Quarantined
from bot.core.people import GithubTeam, PeopleSet, Who
from bot.core.pipelines import Pin, Start
from bot.core.promoting import Verified
from bot.core.rollout import Rolling, Target
from bot.core.rules import (
    ApprovalRule,
    Approvals,
    AutomaticItem,
    AutoTick,
    Checklist,
    Exclusion,
    Right,
    Rights,
    Tick,
)
from bot.core.values import Actor, ActorKind, Kind, Person
from bot.core.verdicts import read_of_late
from bot.core.voting import Voters
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    PIPELINE,
    SRE,
    STRANGER,
    asked,
    frozen,
    policy,
    resolution,
    wish,
)

KNOWN: Facts = {
    FactKind.AHEAD: Known(0, NOON),
    FactKind.LIFTERS: Known((), NOON),
    FactKind.LOCKS: Known(Held(), NOON),
    FactKind.QUARANTINES: Known(Quarantined(), NOON),
    FactKind.TAKEN_BACK: Known(TakenBack(), NOON),
    FactKind.TICKERS: Known((), NOON),
    FactKind.CHECKS: Known(Checks(), NOON),
    FactKind.REACHABLE: Known(True, NOON),
    FactKind.VERIFIED: Known(Verified(), NOON),
    FactKind.IDENTITY: Known(Identity(), NOON),
    FactKind.REQUESTER: Known(LINUS, NOON),
    FactKind.VOTERS: Known(Voters(), NOON),
}


def judge(gate: Gate, facts: Facts = KNOWN, **rules: Any) -> Verdict:
    return gate.judge(frozen(), policy(**rules), facts, NOON)


def test_every_file_in_the_folder_is_a_registered_gate() -> None:
    folder = Path(str(gates.__file__)).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "model"}
    modules = {gate.judge.__module__.rsplit(".", 1)[-1] for gate in GATES}
    assert modules == files
    assert len({gate.name for gate in GATES}) == len(GATES)


def test_a_plain_environment_is_open() -> None:
    assert all(passes(judge(gate)) for gate in GATES)


@pytest.mark.parametrize(("gate", "kind"), [(g, k) for g, k in product(GATES, FactKind) if k in g.needs])
def test_what_cannot_be_read_waits_and_says_why(gate: Gate, kind: FactKind) -> None:
    verdict = judge(gate, {**KNOWN, kind: Unreadable("the code host does not answer.")})
    assert verdict.state is GateState.WAITING
    assert not passes(verdict)
    assert "does not answer" in verdict.why


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_reads_only_what_it_says_it_needs(gate: Gate) -> None:
    assert passes(judge(gate, {kind: KNOWN[kind] for kind in gate.needs}))


@pytest.mark.parametrize(
    ("state", "opens"),
    [
        (GateState.OPEN, True),
        (GateState.OVERRIDDEN, True),
        (GateState.WAITING, False),
        (GateState.REFUSED, False),
    ],
)
def test_which_verdicts_let_it_pass(state: GateState, opens: bool) -> None:
    assert passes(Verdict("some", state, "said")) is opens


def test_the_queue_names_who_is_in_flight() -> None:
    verdict = judge(QUEUE, {FactKind.AHEAD: Known(3, NOON)})
    assert verdict.state is GateState.WAITING
    assert "#3" in verdict.what
    assert "api in staging" in verdict.why
    assert verdict.next
    assert passes(judge(QUEUE, {FactKind.AHEAD: Known(7, NOON)}))  # its own slot


def test_a_release_that_is_not_where_it_must_be_is_refused() -> None:
    fork = {FactKind.REACHABLE: Known(False, NOON)}
    verdict = judge(REFS, fork, reachable_from=("main", "stable"))
    assert verdict.state is GateState.REFUSED
    assert "main, stable" in verdict.why
    assert verdict.next
    assert "repository itself" in judge(REFS, fork).why


@pytest.mark.parametrize(
    ("kind", "name", "state"),
    [
        (RefKind.BRANCH, "main", GateState.OPEN),
        (RefKind.TAG, "v1.2.3", GateState.OPEN),
        (RefKind.BRANCH, "feature/x", GateState.REFUSED),
        (RefKind.COMMIT, "a" * 40, GateState.OPEN),  # judged by the branches that contain it
    ],
)
def test_the_name_must_fit_a_pattern(kind: RefKind, name: str, state: GateState) -> None:
    deployment = frozen(resolution=resolution(ref_kind=kind, ref_name=name))
    verdict = REFS.judge(deployment, policy(refs=("main", "v*")), KNOWN, NOON)
    assert verdict.state is state


def test_patterns_know_capitals() -> None:
    assert admits(policy(refs=("Release/*",)), "Release/1")
    assert not admits(policy(refs=("Release/*",)), "release/1")
    assert not admits(policy(refs=()), "main")


def test_an_unresolved_request_is_never_judged() -> None:
    with pytest.raises(Bug):
        REFS.judge(asked(), policy(), KNOWN, NOON)


@pytest.mark.parametrize(
    ("person", "who", "state"),
    [
        (LINUS, None, GateState.OPEN),
        (ADA, (SRE,), GateState.OPEN),
        (LINUS, (SRE,), GateState.REFUSED),  # taken out of the group since
        (FORMER, (SRE,), GateState.REFUSED),  # left since
        (GUEST, None, GateState.REFUSED),
        (STRANGER, None, GateState.REFUSED),
    ],
)
def test_whoever_asked_must_still_be_allowed_to(person: Person, who: Who | None, state: GateState) -> None:
    rules = {} if who is None else {"who": who}
    verdict = judge(REQUESTER, {FactKind.REQUESTER: Known(person, NOON)}, **rules)
    assert verdict.state is state
    assert state is GateState.OPEN or verdict.next


LEADS = PeopleSet("leads", GithubTeam("acme/leads"))
TEAMLESS = replace(LINUS, unread_teams=frozenset({"acme/leads"}))
OF_LATE = replace(TEAMLESS, teams_of_late=frozenset({"acme/leads"}), of_late=NOON)


@pytest.mark.parametrize("person", [TEAMLESS, OF_LATE])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("emergency", [False, True])
def test_teams_of_late_count_for_going_back_and_in_an_emergency(
    kind: Kind, emergency: bool, person: Person
) -> None:
    asked_so = frozen(wish=wish(kind=kind, emergency=emergency))
    rights = Rights(((Right.EMERGENCY, (LEADS,)), (Right.OVERRIDE_MIGRATIONS, (LEADS,))))
    facts = {FactKind.REQUESTER: Known(person, NOON)}
    verdict = REQUESTER.judge(asked_so, policy(who=(LEADS,), rights=rights), facts, NOON)
    counts = person is OF_LATE and (emergency or kind is Kind.ROLLBACK)
    assert verdict.state is (GateState.OPEN if counts else GateState.REFUSED)
    assert read_of_late(verdict) is counts


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("emergency", [False, True])
def test_at_the_command_line_of_the_host_one_goes_back_and_nothing_else(kind: Kind, emergency: bool) -> None:
    """Nobody whom the catalog knows asked for it, so whatever else it is starts for nobody."""
    at_the_host = Actor(ActorKind.OPERATOR, "ada@host", "ada@host")
    asked_there = frozen(requested_by=at_the_host, wish=wish(kind=kind, emergency=emergency))
    facts = {FactKind.REQUESTER: Known(False, NOON)}
    verdict = REQUESTER.judge(asked_there, policy(), facts, NOON)
    goes_back = kind is Kind.ROLLBACK and not emergency
    assert verdict.state is (GateState.OPEN if goes_back else GateState.REFUSED)


@pytest.mark.parametrize(
    ("kind", "rules", "branches"),
    [
        (RefKind.BRANCH, {}, ()),
        (RefKind.COMMIT, {}, ()),
        (RefKind.COMMIT, {"refs": ("main", "release/*")}, ("main", "release/*")),
        (RefKind.TAG, {"refs": ("v*",)}, ()),
        (RefKind.BRANCH, {"tier": Tier.PRODUCTION}, ("trunk",)),
        (RefKind.TAG, {"tier": Tier.PRODUCTION, "refs": ("v*",)}, ("trunk",)),
        (RefKind.COMMIT, {"tier": Tier.PRODUCTION}, ("trunk",)),
        (RefKind.COMMIT, {"tier": Tier.PRODUCTION, "reachable_from": ("stable",)}, ("stable",)),
    ],
)
def test_which_branches_must_contain_a_release(
    kind: RefKind, rules: dict[str, Any], branches: tuple[str, ...]
) -> None:
    assert must_contain(policy(**rules), kind, "trunk") == branches


UNJUDGED: dict[str, dict[str, Any]] = {
    "pushers": {"approvals": Approvals((ApprovalRule(1, (SRE,)),), exclude=(Exclusion.PUSHERS,))},
    "checklist": {"checklist": Checklist(before=(AutoTick(AutomaticItem.BACKUP),))},
    "strategy": {"strategy": Rolling(Target("shop"), "api")},
    "backup": {"backup": PIPELINE},
    "start": {"pipeline": replace(PIPELINE, start=Start.JOB)},
    "pin": {"pipeline": replace(PIPELINE, pin=Pin.GATE)},
}


@pytest.mark.parametrize("name", UNJUDGED)
def test_a_rule_that_no_gate_judges_keeps_the_environment_closed(name: str) -> None:
    verdict = judge(UNKNOWN_RULES, **UNJUDGED[name])
    assert verdict.state is GateState.REFUSED
    assert name in verdict.what
    assert verdict.why
    assert verdict.next


def test_a_checklist_is_closed_by_what_nobody_can_tick_yet() -> None:
    unknown = (
        Checklist(before=(AutoTick(AutomaticItem.VERIFY),)),
        Checklist(before=(AutoTick(AutomaticItem.BACKUP),)),
        Checklist(after=(AutoTick(AutomaticItem.BACKUP),)),
    )
    for each in unknown:
        assert judge(UNKNOWN_RULES, checklist=each).state is GateState.REFUSED
    measured = Checklist(after=(AutoTick(AutomaticItem.VERIFY),))
    assert judge(UNKNOWN_RULES, checklist=measured).state is GateState.OPEN
    known = Checklist(before=(Tick("backup"),), after=(AutoTick(AutomaticItem.CHECKS),))
    assert judge(UNKNOWN_RULES, checklist=known).state is GateState.OPEN
