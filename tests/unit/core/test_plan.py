"""What is done next for a deployment that holds its slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import Bug
from bot.core.lifecycle import HOLDING, State, Trigger, allowed
from bot.core.records import Attempt, Deployment
from bot.core.request import DeployRequest
from bot.core.runs import RUN_ENDS, Run, RunStatus
from bot.strategies.dispatch import (
    FIRST_LOOKS,
    LISTING_LAG,
    Adopt,
    Decision,
    LookAgain,
    Move,
    Need,
    Observed,
    Record,
    Send,
    StopRun,
    needs,
    plan,
)
from tests.fakes.samples import ADA, NOON, SHA_B, actor, frozen, run

LATER = NOON + LISTING_LAG
FOLLOWING: dict[str, Any] = {"attempt": Attempt.FOUND, "attempted_at": NOON, "run": run()}


def request_of(deployment: Deployment) -> DeployRequest:
    assert deployment.request is not None
    return deployment.request


def decide(deployment: Deployment, observed: Observed, after: timedelta = timedelta()) -> Decision:
    return plan(deployment, request_of(deployment), observed, NOON + after)


def move_of(decision: Decision) -> Move:
    assert isinstance(decision, Move)
    return decision


@pytest.mark.parametrize("attempt", [Attempt.NONE, Attempt.PINNING])
def test_what_was_not_sent_is_sent(attempt: Attempt) -> None:
    deployment = frozen(State.DISPATCHING, attempt=attempt)
    assert needs(deployment) == {Need.FRESH_REQUEST}
    assert decide(deployment, Observed()) == Send()


@pytest.mark.parametrize("attempt", [Attempt.NONE, Attempt.PINNING])
def test_what_changed_meanwhile_is_never_sent(attempt: Attempt) -> None:
    deployment = frozen(State.DISPATCHING, attempt=attempt)
    stale = move_of(decide(deployment, Observed(changed=("release_sha", "inputs"))))
    assert stale.trigger is Trigger.GO_STALE
    assert "release sha, inputs" in stale.why
    assert stale.next


@pytest.mark.parametrize("attempt", [Attempt.NONE, Attempt.PINNING])
def test_a_cancel_before_the_sending_ends_it(attempt: Attempt) -> None:
    deployment = frozen(State.CANCELLING, attempt=attempt)
    assert needs(deployment) == frozenset()
    assert move_of(decide(deployment, Observed())).trigger is Trigger.RUN_CANCELLED


@pytest.mark.parametrize("state", [State.UNKNOWN, State.RUNNING, State.VERIFYING])
def test_only_who_is_dispatching_sends(state: State) -> None:
    with pytest.raises(Bug):
        decide(frozen(state), Observed())


@pytest.mark.parametrize("state", [State.DISPATCHING, State.CANCELLING, State.UNKNOWN])
def test_what_was_sent_is_looked_for_and_adopted(state: State) -> None:
    deployment = frozen(state, attempt=Attempt.SENT, attempted_at=NOON)
    assert needs(deployment) == {Need.SEARCH}
    assert decide(deployment, Observed(found=run().ref), 2 * LISTING_LAG) == Adopt(run().ref)


def test_the_looks_come_quickly_at_first() -> None:
    deployment = frozen(State.DISPATCHING, attempt=Attempt.SENT, attempted_at=NOON)
    waited = timedelta()
    for pause in FIRST_LOOKS:
        assert decide(deployment, Observed(), waited) == LookAgain(pause)
        waited += timedelta(seconds=pause)
    assert decide(deployment, Observed(), waited) == LookAgain(FIRST_LOOKS[-1])


@pytest.mark.parametrize("state", [State.DISPATCHING, State.CANCELLING])
def test_nothing_found_is_no_licence_to_send_again(state: State) -> None:
    deployment = frozen(state, attempt=Attempt.SENT, attempted_at=NOON)
    lost = move_of(decide(deployment, Observed(), LISTING_LAG))
    assert lost.trigger is Trigger.LOSE_TRACK
    assert lost.next
    unknown = replace(deployment, state=State.UNKNOWN)
    assert decide(unknown, Observed(), 100 * LISTING_LAG) == LookAgain()


@pytest.mark.parametrize("attempt", [Attempt.FOUND, Attempt.UNPINNED])
def test_a_found_run_that_is_not_on_record_is_our_mistake(attempt: Attempt) -> None:
    deployment = frozen(State.RUNNING, attempt=attempt)
    with pytest.raises(Bug):
        needs(deployment)
    with pytest.raises(Bug):
        decide(deployment, Observed())


ENDINGS = {
    RunStatus.SUCCESS: Trigger.RUN_SUCCEEDED,
    RunStatus.UNSTABLE: Trigger.RUN_FAILED,
    RunStatus.FAILURE: Trigger.RUN_FAILED,
    RunStatus.CANCELLED: Trigger.RUN_CANCELLED,
    RunStatus.SKIPPED: Trigger.RUN_FAILED,
}


@pytest.mark.parametrize("state", [State.RUNNING, State.CANCELLING, State.UNKNOWN])
@pytest.mark.parametrize("status", RunStatus)
def test_a_run_is_followed_to_its_end(state: State, status: RunStatus) -> None:
    deployment = frozen(state, **FOLLOWING)
    assert needs(deployment) == {Need.RUN}
    seen = run(status)
    decision = decide(deployment, Observed(run=seen))
    if status in RUN_ENDS:
        assert move_of(decision).trigger is ENDINGS[status]
        assert allowed(state, move_of(decision).trigger)
        assert move_of(decision).run == seen
    elif state is State.CANCELLING:
        assert decision == StopRun(seen)
    elif state is State.UNKNOWN:
        assert move_of(decision).trigger is Trigger.FIND_RUN
    else:
        assert decision == Record(seen)


@pytest.mark.parametrize("status", sorted(set(RunStatus) - RUN_ENDS))
def test_a_run_of_another_commit_is_cancelled_with_an_alarm(status: RunStatus) -> None:
    decision = move_of(decide(frozen(State.RUNNING, **FOLLOWING), Observed(run=run(status, head_sha=SHA_B))))
    assert (decision.trigger, decision.alarm) == (Trigger.CANCEL, True)
    assert "bbbbbbb" in decision.why
    assert "aaaaaaa" in decision.why
    assert decision.next


@pytest.mark.parametrize("state", [State.RUNNING, State.CANCELLING, State.UNKNOWN])
@pytest.mark.parametrize("status", sorted(RUN_ENDS))
def test_the_end_of_a_run_of_another_commit_is_a_failure_with_an_alarm(
    state: State, status: RunStatus
) -> None:
    decision = move_of(decide(frozen(state, **FOLLOWING), Observed(run=run(status, head_sha=SHA_B))))
    assert (decision.trigger, decision.alarm) == (Trigger.RUN_FAILED, True)


def test_a_new_run_may_be_missing_for_a_while() -> None:
    deployment = frozen(State.RUNNING, **FOLLOWING)
    assert decide(deployment, Observed(), LISTING_LAG / 2) == LookAgain()
    assert move_of(decide(deployment, Observed(), LISTING_LAG)).trigger is Trigger.LOSE_TRACK
    assert decide(replace(deployment, state=State.UNKNOWN), Observed(), 9 * LISTING_LAG) == LookAgain()


def test_a_run_that_is_started_again_after_its_end_is_not_followed() -> None:
    ended = run(RunStatus.FAILURE)
    deployment = frozen(State.UNKNOWN, **(FOLLOWING | {"run": ended}))
    assert decide(deployment, Observed(run=run(attempt=2))) == LookAgain()


def test_a_failure_names_the_stage() -> None:
    stages = tuple(replace(stage, status=RunStatus.FAILURE, detail="Roll out") for stage in run().stages[:2])
    failed = run(RunStatus.FAILURE, stages=stages)
    why = move_of(decide(frozen(State.RUNNING, **FOLLOWING), Observed(run=failed))).why
    assert why == "build failed at “Roll out”, and 1 more."
    bare: Run = run(RunStatus.FAILURE, stages=(), raw_status="timed_out")
    assert "timed_out" in move_of(decide(frozen(State.RUNNING, **FOLLOWING), Observed(run=bare))).why


def test_a_cancel_names_who_did_it() -> None:
    cancelled = Observed(run=run(RunStatus.CANCELLED))
    ours = frozen(State.CANCELLING, **FOLLOWING, cancelled_by=actor(ADA))
    assert move_of(decide(ours, cancelled)).why == "Cancelled by Ada."
    assert "at the provider" in move_of(decide(frozen(State.RUNNING, **FOLLOWING), cancelled)).why


def test_every_state_that_holds_a_slot_is_covered_here() -> None:
    covered = {State.DISPATCHING, State.RUNNING, State.CANCELLING, State.UNKNOWN, State.VERIFYING}
    assert covered == HOLDING
