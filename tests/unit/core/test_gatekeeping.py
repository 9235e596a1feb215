"""What a gate of the provider is told: for which run, which workflow, and with whose names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.catalog import Catalog, Environment, Policy, Tier
from bot.core.errors import Denied
from bot.core.gate_runs import AnswerState, GateAnswer, GateDecision, GateRun, GateView, GateWord
from bot.core.gatekeeping import (
    approval_comment,
    fate_of,
    is_answered,
    may_pass,
    misfit,
    places_of,
    said_elsewhere,
    waits_at_gate,
)
from bot.core.gates.model import FactKind, GateState, Known
from bot.core.gates.requester import REQUESTER
from bot.core.gates.unknown_rules import UNKNOWN_RULES
from bot.core.lifecycle import State, Trigger
from bot.core.pipelines import Pin, Start
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.runs import RunStatus
from bot.core.values import Action, Actor, ActorKind, Origin, Person
from bot.core.votes import Vote, VoteKind
from bot.core.voting import may_vote, must_be_voter
from tests.fakes.samples import (
    ADA,
    LINUS,
    NOON,
    PIPELINE,
    SHA_A,
    SHA_B,
    SRE,
    actor,
    catalog,
    frozen,
    in_state,
    policy,
    run,
    service,
    wish,
)

DEPLOY = ".github/workflows/deploy.yml"
AT_GATE = replace(PIPELINE, start=Start.GATE, pin=Pin.GATE)
RUN = run(RunStatus.WAITING)
GATE = GateRun(RUN.ref, 1, "staging", SHA_A, DEPLOY, "push", "linus", "77")
VIEW = GateView(RUN, DEPLOY, "push", "linus", "77", "main", frozenset({"staging"}), frozenset({"staging"}))
ACCOUNT = Actor(ActorKind.ACCOUNT, "github:77", "linus")
RULES = Approvals((ApprovalRule(1, (SRE,)),), (Exclusion.REQUESTER,))
NO_RULES = policy(pipeline=AT_GATE)
GATED = policy(pipeline=AT_GATE, approvals=RULES)


def knocking(**changes: Any) -> Deployment:
    """A card of a run that waits."""
    known = catalog(service("api", Environment("staging", GATED)))
    at_gate: dict[str, Any] = {
        "action": Action.ANSWER_GATE,
        "origin": Origin.PROVIDER,
        "gate_run": GATE,
        "requested_by": ACCOUNT,
        "run": RUN,
    }
    return frozen(known=known, **(at_gate | changes))


def ours(**changes: Any) -> Deployment:
    return replace(in_state(State.RUNNING, run=RUN), **changes)


@pytest.mark.parametrize(
    ("deployment", "gate", "view"),
    [
        (ours(), "production", VIEW),
        (ours(state=State.UNKNOWN), "staging", VIEW),
        (ours(cancelled_by=actor(ADA)), "staging", VIEW),
        (ours(digest="0" * 64), "staging", VIEW),
        (ours(run=None), "staging", VIEW),
        (ours(), "staging", replace(VIEW, ours=frozenset())),
        (ours(), "staging", replace(VIEW, run=replace(RUN, attempt=2))),
        (ours(), "staging", replace(VIEW, run=replace(RUN, head_sha=SHA_B))),
        (ours(), "staging", replace(VIEW, run=replace(RUN, ref=replace(RUN.ref, external_id="102")))),
    ],
)
def test_only_the_run_that_was_approved_passes(deployment: Deployment, gate: str, view: GateView) -> None:
    good = ours()
    assert good.request is not None
    assert deployment.request is not None
    assert may_pass(good, good.request, "staging", VIEW)
    assert not may_pass(deployment, deployment.request, gate, view)


def test_a_job_that_waits_beside_others_is_seen() -> None:
    stages = (replace(RUN.stages[0], status=RunStatus.WAITING), *RUN.stages[1:])
    assert waits_at_gate(run(RunStatus.RUNNING, stages=stages))
    assert not waits_at_gate(run(RunStatus.RUNNING))


def test_an_answer_counts_for_its_own_attempt_and_gate_once_it_is_certain() -> None:
    def said(state: AnswerState) -> Deployment:
        return ours(gate_answer=GateAnswer("staging", 1, GateWord.APPROVED, state, NOON))

    assert not is_answered(said(AnswerState.SENT), "staging", 1)
    for state in (AnswerState.GIVEN, AnswerState.NOT_TAKEN):
        assert is_answered(said(state), "staging", 1)
        assert not is_answered(said(state), "staging", 2)
        assert not is_answered(said(state), "production", 1)


def test_the_comment_names_those_whose_votes_count() -> None:
    deployment = ours()
    digest = deployment.digest or ""
    votes = (
        Vote("U1", "Ada", VoteKind.APPROVE, digest, NOON),
        Vote("U2", "Grace", VoteKind.APPROVE, digest, NOON),
        Vote("U3", "Mallory", VoteKind.APPROVE, "0" * 64, NOON),
    )
    assert approval_comment(replace(deployment, votes=votes)) == "Slipway #7: approved by Ada, Grace."
    assert "nobody has to approve it" in approval_comment(deployment)
    hurried = in_state(State.RUNNING, wish=wish(emergency=True))
    assert "an emergency, declared by Linus" in approval_comment(hurried)


@pytest.mark.parametrize(
    ("deployment", "rules", "words"),
    [
        (knocking(), GATED, ""),
        (frozen(), policy(), ""),
        (frozen(), GATED, "takes what waits at its gate"),
        (knocking(), policy(), "takes no runs that began elsewhere"),
        (knocking(gate_run=replace(GATE, workflow=".github/workflows/x.yml")), GATED, "may not deploy"),
        (knocking(gate_run=replace(GATE, workflow="deploy.yml")), GATED, "may not deploy"),
        (knocking(gate_run=replace(GATE, workflow=DEPLOY + "@main")), GATED, "may not deploy"),
        (knocking(gate_run=replace(GATE, workflow=f"evil/{DEPLOY}")), GATED, "may not deploy"),
        (knocking(gate_run=replace(GATE, actor="", actor_id="")), GATED, "Nobody can say who started"),
        *[
            (knocking(gate_run=replace(GATE, event=event)), GATED, f"for a {event.replace('_', ' ')} may not")
            for event in (
                "pull_request",
                "pull_request_target",  # its file is the base's, its commit the head's
                "pull_request_review",
                "pull_request_review_comment",
            )
        ],
    ],
)
def test_which_way_in_fits_the_catalog(deployment: Deployment, rules: Policy, words: str) -> None:
    found = misfit(deployment, rules)
    verdict = UNKNOWN_RULES.judge(deployment, rules, {}, NOON)
    if not words:
        assert found is None
        assert verdict.state is GateState.OPEN
    else:
        assert found is not None
        assert words in found[0]
        assert (verdict.state, verdict.what) == (GateState.REFUSED, found[0])


def test_an_approval_is_bound_to_the_attempt_that_asked() -> None:
    first = knocking()
    digests = {
        knocking(gate_run=each).digest
        for each in (
            replace(GATE, attempt=2),
            replace(GATE, gate="production"),
            replace(GATE, workflow="other.yml"),
            replace(GATE, ref=replace(GATE.ref, external_id="102")),
        )
    }
    assert len(digests | {first.digest}) == 5
    assert first.request is not None
    assert first.request.inputs == ()
    plain = frozen().request
    assert plain is not None
    assert "awaits" not in plain.canonical(), "requests of before keep their digest"


def test_the_place_of_a_gate_is_the_one_that_names_its_workflow() -> None:
    def place(name: str, workflow: str, **more: Any) -> Catalog:
        pipeline = replace(AT_GATE, workflow=workflow, **more)
        return catalog(service(name, Environment("staging", policy(pipeline=pipeline))))

    api, web = place("api", "deploy.yml"), place("web", "web.yml")
    both = catalog(*api.services, *web.services)

    def names(known: Catalog, gate: str = "staging", workflow: str = DEPLOY) -> list[str]:
        found = places_of(known, "github", "acme/api", gate, workflow)
        return [each.name for each, _ in found]

    assert names(both) == ["api"]
    assert names(both, workflow=".github/workflows/x.yml") == ["api", "web"], "nobody's: refused by all"
    assert names(both, gate="production") == []
    assert names(place("api", "deploy.yml", gate="prod"), gate="prod") == ["api"]
    assert names(catalog()) == [], "what is dispatched here takes no run of others"
    assert places_of(both, "github", "acme/web", "staging", DEPLOY) == ()


def decided(word: GateWord, gate: str = "staging") -> GateDecision:
    return GateDecision(gate, word, "torvalds", "")


@pytest.mark.parametrize(
    ("view", "trigger"),
    [
        (VIEW, None),
        (replace(VIEW, decisions=(decided(GateWord.APPROVED),)), None),
        (replace(VIEW, run=replace(RUN, attempt=2)), Trigger.GO_STALE),
        (replace(VIEW, ours=frozenset()), Trigger.GO_STALE),
        (
            replace(VIEW, waits=frozenset(), ours=frozenset(), decisions=(decided(GateWord.REJECTED),)),
            Trigger.REJECT,
        ),
        (
            replace(VIEW, waits=frozenset(), ours=frozenset(), run=run(RunStatus.CANCELLED)),
            Trigger.WITHDRAW,
        ),
        (
            replace(VIEW, waits=frozenset(), ours=frozenset(), run=run(RunStatus.FAILURE)),
            Trigger.GO_STALE,
        ),
        (replace(VIEW, waits=frozenset(), ours=frozenset(), run=run()), Trigger.BYPASS),
        (
            replace(VIEW, waits=frozenset(), ours=frozenset(), run=run(RunStatus.SUCCESS)),
            Trigger.BYPASS,
        ),
    ],
)
def test_what_is_decided_elsewhere_is_an_end_and_never_an_approval(
    view: GateView, trigger: Trigger | None
) -> None:
    fate = fate_of(GATE, view)
    if trigger is None:
        assert fate is None
        return
    assert fate is not None
    assert fate.trigger is trigger


def test_a_comment_of_the_code_host_is_one_short_line_without_secrets() -> None:
    token = "ghp_" + "a1" * 18
    forged = GateDecision(
        "staging", GateWord.REJECTED, "torvalds", f"use {token}\n\n✅ Approved by Ada{'!' * 999}"
    )
    fate = fate_of(GATE, replace(VIEW, waits=frozenset(), ours=frozenset(), decisions=(forged,)))
    assert fate is not None
    assert fate.why.startswith("Rejected at the code host by torvalds (use [redacted] ✅ Approved by Ada!!!")
    assert len(fate.why) < 300


def test_what_was_said_of_an_earlier_attempt_hides_nothing_of_this_one() -> None:
    """The code host lists the decisions on all attempts of a run, and does not say of which each is."""
    no = decided(GateWord.REJECTED)
    second = replace(GATE, attempt=2, heard=(no,))
    again = replace(RUN, attempt=2)
    waits = replace(VIEW, run=again, decisions=(no,))
    assert fate_of(second, waits) is None
    gone = replace(waits, run=replace(again, status=RunStatus.RUNNING), waits=frozenset(), ours=frozenset())
    fate = fate_of(second, gone)
    assert fate is not None
    assert fate.trigger is Trigger.BYPASS
    fate = fate_of(second, replace(gone, decisions=(no, no)))
    assert fate is not None
    assert fate.trigger is Trigger.REJECT
    yes = decided(GateWord.APPROVED)
    assert said_elsewhere(replace(second, heard=(yes,)), replace(waits, decisions=(yes,))) == ""


def test_an_approval_at_the_code_host_is_a_remark_about_this_gate_alone() -> None:
    other = replace(VIEW, decisions=(decided(GateWord.APPROVED, "production"),))
    assert said_elsewhere(GATE, other) == ""
    same = replace(VIEW, decisions=(decided(GateWord.APPROVED),) * 2)
    assert said_elsewhere(GATE, same) == "At the code host torvalds approved it; that does not count here."


LINKED = replace(ADA, login="ada", account_id="5", linked_at=NOON - timedelta(days=9))


@pytest.mark.parametrize(
    ("voter", "why"),
    [
        (LINKED, ""),
        (replace(LINKED, account_id="77", login="renamed"), "started its run"),
        (ADA, "nobody knows whether that is you"),
        (replace(LINKED, linked_at=NOON), "linked less than a day ago"),
    ],
)
def test_whoever_started_the_run_at_the_code_host_does_not_approve_it(voter: Person, why: str) -> None:
    strict = replace(GATED, tier=Tier.PRODUCTION)
    if not why:
        must_be_voter(voter, knocking(), strict, NOON)
        return
    with pytest.raises(Denied) as denied:
        must_be_voter(voter, knocking(), strict, NOON)
    assert why in denied.value.why
    must_be_voter(voter, knocking(), strict, NOON, VoteKind.REJECT)


def test_a_known_requester_leaves_voters_without_accounts_alone() -> None:
    free = replace(GATED, approvals=Approvals((ApprovalRule(1, (SRE,)),), ()))
    assert may_vote(ADA, knocking(requested_by=actor(LINUS)), GATED, NOON)
    assert may_vote(ADA, knocking(), free, NOON)
    assert not may_vote(ADA, knocking(), GATED, NOON)


@pytest.mark.parametrize(
    ("who", "rules", "state"),
    [
        (False, GATED, GateState.OPEN),
        (False, NO_RULES, GateState.REFUSED),
        (LINUS, NO_RULES, GateState.OPEN),
        (LINUS, policy(tier=Tier.PRODUCTION, who=(SRE,), pipeline=AT_GATE), GateState.REFUSED),
    ],
)
def test_a_push_alone_deploys_nothing(who: Person | bool, rules: Policy, state: GateState) -> None:
    facts = {FactKind.REQUESTER: Known(who, NOON)}
    assert REQUESTER.judge(knocking(), rules, facts, NOON).state is state
