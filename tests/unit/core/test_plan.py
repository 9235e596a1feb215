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
from bot.core.values import Kind
from bot.strategies.dispatch import (
    CANCEL_PATIENCE,
    FIRST_LOOKS,
    LISTING_LAG,
    Adopt,
    Decision,
    LookAgain,
    Move,
    Need,
    Observed,
    Record,
    Say,
    Send,
    StopRun,
    needs,
    plan,
    standing,
)
from tests.fakes.samples import ADA, NOON, SHA_B, actor, frozen, run, wish

LATER = NOON + LISTING_LAG
TIMEOUT = timedelta(minutes=30)
FOLLOWING: dict[str, Any] = {"attempt": Attempt.FOUND, "attempted_at": NOON, "run": run()}


def request_of(deployment: Deployment) -> DeployRequest:
    assert deployment.request is not None
    return deployment.request


def decide(deployment: Deployment, observed: Observed, after: timedelta = timedelta()) -> Decision:
    return plan(deployment, request_of(deployment), observed, TIMEOUT, NOON + after)


def move_of(decision: Decision) -> Move:
    assert isinstance(decision, Move)
    return decision


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Kind.DEPLOY, "Ask again to deploy what is there now."),
        (Kind.ROLLBACK, "Look once more at what runs there: `/rollback api staging`."),
    ],
)
def test_what_to_do_about_it_is_what_was_wanted(kind: Kind, says: str) -> None:
    """Nobody who goes back wants to deploy what got there meanwhile."""
    deployment = frozen(State.DISPATCHING, wish=wish(kind=kind), attempt=Attempt.NONE)
    assert move_of(decide(deployment, Observed(changed=("what it takes back",)))).next == says


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


FOLLOWED = [State.RUNNING, State.CANCELLING, State.UNKNOWN]
NEEDS: dict[State, set[Need]] = {State.CANCELLING: {Need.RUN, Need.SINCE}}
LIVE = [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.UNKNOWN]


@pytest.mark.parametrize("state", FOLLOWED)
@pytest.mark.parametrize("status", sorted(RUN_ENDS))
def test_a_run_is_followed_to_its_end(state: State, status: RunStatus) -> None:
    deployment = frozen(state, **FOLLOWING)
    assert needs(deployment) == NEEDS.get(state, {Need.RUN})
    move = move_of(decide(deployment, Observed(run=run(status)), 9 * TIMEOUT))
    assert move.trigger is ENDINGS[status]
    assert allowed(state, move.trigger)
    assert move.run == run(status)


@pytest.mark.parametrize("status", LIVE)
def test_a_run_that_goes_on_is_kept_up_with(status: RunStatus) -> None:
    seen = run(status)
    assert decide(frozen(State.RUNNING, **FOLLOWING), Observed(run=seen)) == Record(seen)
    assert decide(frozen(State.CANCELLING, **FOLLOWING), Observed(run=seen)) == StopRun(seen)
    found = move_of(decide(frozen(State.UNKNOWN, **FOLLOWING), Observed(run=seen)))
    assert found.trigger is Trigger.FIND_RUN


HUNG = {
    "it needs a person": (run(RunStatus.NEEDS_PERSON, raw_status="completed/action_required"), timedelta()),
    "it ended somehow": (run(RunStatus.UNKNOWN, raw_status="completed/new", ended_at=NOON), timedelta()),
    "it takes too long": (run(), TIMEOUT),
    "it waits too long": (run(RunStatus.WAITING), TIMEOUT),
}


@pytest.mark.parametrize("case", HUNG)
def test_a_run_that_hangs_is_asked_about_once_and_still_followed(case: str) -> None:
    seen, after = HUNG[case]
    deployment = frozen(State.RUNNING, **FOLLOWING)
    asked = move_of(decide(deployment, Observed(run=seen), after))
    assert (asked.trigger, asked.run) == (Trigger.LOSE_TRACK, seen)
    assert asked.why
    assert asked.next
    unknown = replace(deployment, state=State.UNKNOWN, run=seen)
    assert decide(unknown, Observed(run=seen), 2 * after) == Record(seen)
    ended = move_of(decide(unknown, Observed(run=run(RunStatus.SUCCESS)), 2 * after))
    assert ended.trigger is Trigger.RUN_SUCCEEDED


def test_a_run_has_the_time_that_the_catalog_gives_it() -> None:
    deployment = frozen(State.RUNNING, **FOLLOWING)
    assert decide(deployment, Observed(run=run()), TIMEOUT - timedelta(seconds=1)) == Record(run())


def test_a_run_that_does_not_stop_is_asked_about() -> None:
    cancelling = frozen(State.CANCELLING, **FOLLOWING, cancelled_by=actor(ADA))
    seen = Observed(run=run(), since=NOON + TIMEOUT)
    almost = CANCEL_PATIENCE - timedelta(seconds=1)
    assert decide(cancelling, seen, TIMEOUT + almost) == StopRun(run())
    asked = move_of(decide(cancelling, seen, TIMEOUT + CANCEL_PATIENCE))
    assert asked.trigger is Trigger.LOSE_TRACK
    assert "10m" in asked.why
    assert asked.next


@pytest.mark.parametrize("case", ["it needs a person", "it ended somehow"])
def test_what_can_not_be_stopped_is_asked_about_at_once(case: str) -> None:
    seen, _ = HUNG[case]
    cancelling = frozen(State.CANCELLING, **FOLLOWING, cancelled_by=actor(ADA))
    assert move_of(decide(cancelling, Observed(run=seen, since=NOON))).trigger is Trigger.LOSE_TRACK


@pytest.mark.parametrize("after", [timedelta(), 9 * TIMEOUT])
def test_a_cancelled_run_that_shows_up_again_is_stopped(after: timedelta) -> None:
    deployment = frozen(State.UNKNOWN, **FOLLOWING, cancelled_by=actor(ADA))
    assert decide(deployment, Observed(run=run()), after) == StopRun(run())


def test_whoever_asks_says_that_the_cancelling_stands() -> None:
    lost = frozen(State.CANCELLING, attempt=Attempt.SENT, attempted_at=NOON, cancelled_by=actor(ADA))
    assert "it is cancelled" in move_of(decide(lost, Observed(), LISTING_LAG)).next


@pytest.mark.parametrize("status", sorted(set(RunStatus) - RUN_ENDS))
@pytest.mark.parametrize("state", [State.RUNNING, State.UNKNOWN])
def test_a_run_of_another_commit_is_cancelled_with_an_alarm(state: State, status: RunStatus) -> None:
    decision = move_of(decide(frozen(state, **FOLLOWING), Observed(run=run(status, head_sha=SHA_B))))
    assert (decision.trigger, decision.alarm) == (Trigger.CANCEL, True)
    assert allowed(state, decision.trigger)
    assert "bbbbbbb" in decision.why
    assert "aaaaaaa" in decision.why
    assert decision.next


@pytest.mark.parametrize("status", sorted(set(RunStatus) - RUN_ENDS))
def test_an_alarm_rings_in_the_midst_of_a_cancelling_too_and_once(status: RunStatus) -> None:
    seen = run(status, head_sha=SHA_B)
    deployment = frozen(State.CANCELLING, **FOLLOWING, cancelled_by=actor(ADA))
    assert decide(deployment, Observed(run=seen)) == Record(seen, alarm=True)
    told = replace(deployment, run=seen)
    assert decide(told, Observed(run=seen)) != Record(seen, alarm=True)
    assert "bbbbbbb" in standing(told, request_of(told), seen)[0]


@pytest.mark.parametrize("status", LIVE)
def test_another_commit_that_can_not_be_stopped_is_stopped_on(status: RunStatus) -> None:
    seen = run(status, head_sha=SHA_B)
    deployment = frozen(State.UNKNOWN, **(FOLLOWING | {"run": seen}))
    assert decide(deployment, Observed(run=seen), 9 * TIMEOUT) == StopRun(seen)


SAID_OF_ANOTHER = {
    RunStatus.SUCCESS: "What is deployed now is not",
    RunStatus.UNSTABLE: "What is deployed now is not",
    RunStatus.FAILURE: "What is deployed now is not",
    RunStatus.CANCELLED: "Check how far it came",
    RunStatus.SKIPPED: "Find out who moved",
}


@pytest.mark.parametrize("state", FOLLOWED)
@pytest.mark.parametrize("status", sorted(RUN_ENDS))
def test_the_end_of_a_run_of_another_commit_is_a_failure_with_one_alarm(
    state: State, status: RunStatus
) -> None:
    deployment, seen = frozen(state, **FOLLOWING), run(status, head_sha=SHA_B)
    decision = move_of(decide(deployment, Observed(run=seen)))
    assert (decision.trigger, decision.alarm) == (Trigger.RUN_FAILED, True)
    assert SAID_OF_ANOTHER[status] in decision.next
    told = replace(deployment, run=run(head_sha=SHA_B))
    assert not move_of(decide(told, Observed(run=seen))).alarm


def test_a_new_run_may_be_missing_for_a_while() -> None:
    deployment = frozen(State.RUNNING, **FOLLOWING)
    assert decide(deployment, Observed(), LISTING_LAG / 2) == LookAgain()
    assert decide(replace(deployment, state=State.UNKNOWN), Observed(), 9 * LISTING_LAG) == LookAgain()


@pytest.mark.parametrize("state", [State.RUNNING, State.CANCELLING])
def test_one_look_in_vain_does_not_lose_a_run(state: State) -> None:
    days = timedelta(days=3)
    deployment = frozen(state, **FOLLOWING, note="Another note.")
    missing = decide(deployment, Observed(), days)
    assert isinstance(missing, Say)
    said = replace(deployment, note=missing.why, updated_at=NOON + days)
    assert decide(said, Observed(), days + LISTING_LAG / 2) == missing
    lost = move_of(decide(said, Observed(), days + LISTING_LAG))
    assert lost.trigger is Trigger.LOSE_TRACK
    assert lost.next


def test_what_hindered_is_no_longer_said_when_it_is_gone() -> None:
    said: dict[str, Any] = {"note": "GitHub does not answer.", "next_step": "Wait."}
    running = frozen(State.RUNNING, **FOLLOWING, **said)
    assert standing(running, request_of(running), run()) == ("", "")
    cancelling = replace(running, state=State.CANCELLING, cancelled_by=actor(ADA))
    assert standing(cancelling, request_of(cancelling), run()) == ("Cancelled by Ada.", "")
    unknown = replace(running, state=State.UNKNOWN)
    assert standing(unknown, request_of(unknown), run()) == (said["note"], said["next_step"])


def test_a_run_that_is_started_again_after_its_end_is_not_followed() -> None:
    ended = run(RunStatus.FAILURE)
    deployment = frozen(State.UNKNOWN, **(FOLLOWING | {"run": ended}))
    assert decide(deployment, Observed(run=run(attempt=2))) == LookAgain()


@pytest.mark.parametrize("state", FOLLOWED)
@pytest.mark.parametrize("status", RunStatus)
def test_an_attempt_that_nobody_asked_for_is_never_a_success(state: State, status: RunStatus) -> None:
    decision = move_of(decide(frozen(state, **FOLLOWING), Observed(run=run(status, attempt=2))))
    assert decision.trigger is Trigger.RUN_FAILED
    assert "not asked for here" in decision.why
    assert decision.next
    assert decision.run is not None
    assert (decision.run.attempt, decision.run.status) == (1, RunStatus.UNKNOWN)


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
