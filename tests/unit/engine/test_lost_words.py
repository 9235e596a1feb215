"""What is said to a gate and gets lost, comes too late, or stands beside another's word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.errors import Ambiguous
from bot.core.gate_runs import AnswerState, GateDecision, GateWord
from bot.core.lifecycle import State
from bot.core.records import Attempt
from bot.core.runs import RunStatus
from bot.core.votes import VoteKind
from bot.store.store import Store
from bot.strategies.dispatch import LISTING_LAG
from tests.databases import Backend
from tests.fakes.queues import StillClock
from tests.unit.engine.door import Door

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Door(store, clock)


@pytest.mark.parametrize("heard", [True, False], ids=["after the call", "before the call"])
async def test_a_crash_between_approval_and_answer_loses_nothing(door: Door, heard: bool) -> None:
    ref = await door.run()
    await door.knock(ref)
    if heard:
        door.forge.lose_answers = 1
    else:
        door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    sent = await door.now()
    assert (sent.state, sent.attempt, sent.gate_answer) == (State.DISPATCHING, Attempt.SENT, None)
    assert len(door.forge.told) == heard
    await door.settle(timedelta(minutes=1))
    done = await door.now()
    assert done.state is State.RUNNING
    assert done.gate_answer is not None
    assert done.gate_answer.state is (AnswerState.UNSURE if heard else AnswerState.GIVEN)
    assert len(door.forge.told) == 1
    (trail,) = await door.trail("GateAnswered")
    assert ("may have been decided at the code host meanwhile." in str(trail)) is heard


async def test_who_may_have_decided_at_the_code_host_while_it_was_down_is_named(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    door.forge.decided.append(GateDecision("staging", GateWord.APPROVED, "grace"))
    del door.forge.barred[ref.external_id]
    door.forge.set_status(ref, RunStatus.RUNNING)
    await door.settle(timedelta(minutes=1))
    done = await door.now()
    assert (done.state, door.forge.told) == (State.RUNNING, [])
    assert done.gate_answer is not None
    assert done.gate_answer.state is AnswerState.UNSURE
    (trail,) = await door.trail("GateAnswered")
    assert "meanwhile: grace approved it there." in str(trail)


async def test_an_answer_that_never_came_is_not_sent_hours_later_without_another_look(door: Door) -> None:
    """GitHub was down, or we were: what held by then must hold now as well."""
    await door.knock(await door.run())
    door.fails.append(Ambiguous("The connection broke off.", system="fake"))
    await door.votes(VoteKind.APPROVE)
    assert (await door.now()).attempt is Attempt.SENT
    await door.settle(timedelta(hours=5))
    late = await door.now()
    assert late.state is State.EXPIRED
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


@pytest.mark.parametrize(
    ("word", "status", "end"),
    [
        (GateWord.REJECTED, RunStatus.FAILURE, State.STALE),
        (GateWord.APPROVED, RunStatus.RUNNING, State.BYPASSED),
    ],
)
async def test_whoever_is_quicker_at_the_code_host_is_named(
    door: Door, word: GateWord, status: RunStatus, end: State
) -> None:
    """Our word came too late, so the trail must not say that it counted."""
    ref = await door.run()
    await door.knock(ref)

    def decide() -> None:
        door.forge.barred.clear()
        door.forge.decided.append(GateDecision("staging", word, "torvalds"))
        door.forge.set_status(ref, status)

    door.first.append(decide)
    await door.votes(VoteKind.APPROVE)
    await door.settle(timedelta(minutes=1))
    ended = await door.now()
    assert (ended.state, "torvalds" in ended.note) == (end, True)
    assert ended.gate_answer is not None
    assert ended.gate_answer.state is AnswerState.NOT_TAKEN
    assert [each.facts["taken"] for each in await door.trail("GateAnswered")] == [False]


async def takes_no_word(door: Door) -> None:
    """It is approved, the gate takes no answer, and the run waits on."""
    ref = await door.run()
    await door.knock(ref)
    door.first.append(door.forge.barred.clear)
    await door.votes(VoteKind.APPROVE)
    door.forge.wait_at(ref, "staging")


async def test_a_gate_that_waits_on_and_takes_no_word_twice_is_left_to_the_people_there(door: Door) -> None:
    """It still waits, so nobody may be told that it does no longer."""
    await takes_no_word(door)
    door.first.append(door.forge.barred.clear)
    await door.settle(timedelta(minutes=1))
    now = await door.now()
    assert (now.state, door.forge.told) == (State.RUNNING, [])
    assert now.gate_answer is not None
    assert now.gate_answer.state is AnswerState.NOT_TAKEN
    said = [each.facts for each in await door.trail("GateAnswered")]
    assert [(each["taken"], each["unsure"]) for each in said] == [(False, ""), (False, "")]


async def test_a_gate_that_took_no_word_at_first_is_turned_away_when_time_is_over(door: Door) -> None:
    await takes_no_word(door)
    await door.settle(timedelta(hours=5))
    assert (await door.now()).state is State.EXPIRED
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


@pytest.mark.parametrize("sent", [False, True], ids=["before our word", "after it"])
async def test_a_run_that_somebody_deleted_holds_the_slot_no_longer(door: Door, sent: bool) -> None:
    """Else nothing would go there any more until somebody thinks of cancelling it."""
    ref = await door.run()
    await door.knock(ref)
    if sent:
        door.fails.append(Ambiguous("The answer was lost.", system="fake"))
    else:
        del door.forge.runs[ref.external_id]
    await door.votes(VoteKind.APPROVE)
    door.forge.runs.pop(ref.external_id, None)
    assert (await door.now()).state is State.DISPATCHING
    for _ in range(3):
        await door.settle(LISTING_LAG)
    now = await door.now()
    assert now.state is (State.UNKNOWN if sent else State.STALE)
    assert f"run {ref.external_id}" in now.note
