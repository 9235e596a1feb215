"""Whatever is observed in whatever order: one dispatch at most, and no success out of nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.lifecycle import ENDS, State, Trigger, allowed, follow
from bot.core.records import Attempt, Deployment
from bot.core.runs import Run, RunStatus
from bot.strategies.dispatch import Adopt, Decision, Move, Observed, Record, Send, StopRun, plan
from tests.fakes.samples import ADA, NOON, SHA_A, SHA_B, actor, frozen, run

RUNS = st.builds(
    run,
    status=st.sampled_from(RunStatus),
    head_sha=st.sampled_from([SHA_A, SHA_A, SHA_B]),
    attempt=st.integers(1, 2),
)
TIMEOUT = timedelta(minutes=30)
OBSERVED = st.builds(
    Observed,
    changed=st.sampled_from([(), (), ("inputs",)]),
    found=st.none() | st.just(run().ref),
    run=st.none() | RUNS,
    since=st.none() | st.just(NOON),
)
STATES = st.sampled_from([State.DISPATCHING, State.RUNNING, State.CANCELLING, State.UNKNOWN])
FOLLOWING = st.sampled_from([State.RUNNING, State.CANCELLING, State.UNKNOWN])
WAITS = st.integers(0, 4000).map(lambda seconds: timedelta(seconds=seconds))


@given(STATES, st.just(Attempt.SENT) | st.just(Attempt.FOUND), RUNS | st.none(), OBSERVED, WAITS)
def test_what_was_sent_is_never_sent_again(
    state: State, attempt: Attempt, known: Run | None, observed: Observed, wait: timedelta
) -> None:
    if known is None:
        attempt = Attempt.SENT
    deployment = frozen(state, attempt=attempt, attempted_at=NOON, run=known)
    assert not isinstance(_decided(deployment, observed, wait), Send)


@given(FOLLOWING, RUNS, OBSERVED, WAITS)
def test_success_comes_from_a_successful_run_of_our_commit_alone(
    state: State, known: Run, observed: Observed, wait: timedelta
) -> None:
    deployment = frozen(state, attempt=Attempt.FOUND, attempted_at=NOON, run=known)
    decision = _decided(deployment, observed, wait)
    if isinstance(decision, Move) and decision.trigger is Trigger.RUN_SUCCEEDED:
        assert observed.run is not None
        assert observed.run.status is RunStatus.SUCCESS
        assert observed.run.head_sha == SHA_A
        assert observed.run.attempt <= known.attempt


@given(FOLLOWING, RUNS, OBSERVED, WAITS)
def test_a_run_of_another_commit_never_passes_in_silence(
    state: State, known: Run, observed: Observed, wait: timedelta
) -> None:
    deployment = frozen(state, attempt=Attempt.FOUND, attempted_at=NOON, run=known)
    decision = _decided(deployment, observed, wait)
    if known.head_sha == SHA_A and isinstance(decision, Move | Record) and decision.run is not None:
        assert decision.alarm == (decision.run.head_sha != SHA_A)
    if isinstance(decision, StopRun) and decision.run.head_sha != SHA_A:
        assert known.head_sha != SHA_A  # the alarm rang before


@given(FOLLOWING, RUNS, OBSERVED, WAITS)
def test_a_cancelled_run_never_goes_on_in_silence(
    state: State, known: Run, observed: Observed, wait: timedelta
) -> None:
    """Whatever was lost and found in between: it is stopped, has ended, or a person is asked."""
    if state is State.RUNNING:
        return  # whoever gets there with a cancel goes on to cancelling in the same commit
    deployment = frozen(state, attempt=Attempt.FOUND, attempted_at=NOON, run=known, cancelled_by=actor(ADA))
    decision = _decided(deployment, observed, wait)
    if isinstance(decision, Move):
        assert decision.trigger is not Trigger.FIND_RUN
    if isinstance(decision, Record):
        assert decision.alarm


@given(st.lists(st.tuples(OBSERVED, st.booleans(), st.booleans()), max_size=40))
def test_a_whole_life_sends_once(story: list[tuple[Observed, bool, bool]]) -> None:
    """With answers that get lost and people who cancel; what is sent is written down first."""
    deployment, sends, now = frozen(State.DISPATCHING), 0, timedelta()
    for observed, lost, cancel in story:
        now += timedelta(seconds=40)
        if cancel and allowed(deployment.state, Trigger.CANCEL):
            deployment = replace(deployment, state=follow(deployment.state, Trigger.CANCEL))
        if deployment.state in ENDS or deployment.state is State.VERIFYING:
            break
        decision = _decided(deployment, observed, now)
        if isinstance(decision, Send):
            sends += 1
            deployment = replace(deployment, attempt=Attempt.SENT, attempted_at=NOON + now)
            if not lost:
                deployment = _adopted(deployment)
        deployment = _after(deployment, decision)
    assert sends <= 1


def _decided(deployment: Deployment, observed: Observed, wait: timedelta) -> Decision:
    assert deployment.request is not None
    return plan(deployment, deployment.request, observed, TIMEOUT, NOON + wait)


def _adopted(deployment: Deployment) -> Deployment:
    state = deployment.state
    if allowed(state, Trigger.FIND_RUN):
        state = follow(state, Trigger.FIND_RUN)
    return replace(deployment, run=run(RunStatus.QUEUED), attempt=Attempt.FOUND, state=state)


def _after(deployment: Deployment, decision: Decision) -> Deployment:
    match decision:
        case Adopt():
            return _adopted(deployment)
        case Record(run=seen) | StopRun(run=seen):
            return replace(deployment, run=seen)
        case Move():
            assert allowed(deployment.state, decision.trigger)
            state = follow(deployment.state, decision.trigger)
            return replace(deployment, state=state, run=decision.run or deployment.run)
        case _:
            return deployment
