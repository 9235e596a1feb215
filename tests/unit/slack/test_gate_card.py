"""The card of a run that waits at the code host: what runs, who started it, and nobody called by mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.effects import Announcement
from bot.core.gate_runs import AnswerState, GateAnswer, GateRun, GateWord
from bot.core.lifecycle import ENDS, State
from bot.core.records import Deployment
from bot.core.runs import RunStatus
from bot.core.values import Action, Actor, ActorKind
from bot.slack.views.card import card
from bot.slack.views.gate_runs import LEFT_TO_THEM, UNREAD, UNSURE
from tests.fakes.samples import NOON, SHA_A, in_state, run
from tests.unit.slack.saying import announcement

RUN = run(RunStatus.WAITING)
GATE = GateRun(RUN.ref, 2, "live", SHA_A, ".github/workflows/release.yml", "push", "linus\u202egnp", "77")


def waiting(state: State = State.WAITING, **changes: Any) -> Deployment:
    asker = Actor(ActorKind.ACCOUNT, "github:77", "linus")
    at_gate = replace(in_state(state), gate_run=GATE, action=Action.ANSWER_GATE, requested_by=asker, run=RUN)
    return replace(at_gate, **changes)


def test_it_names_the_file_the_event_who_and_which_attempt() -> None:
    said = str(card(waiting()))
    for words in (".github/workflows/release.yml", "push by linus", "attempt 2", "live", "Run 101"):
        assert words in said
    assert "\u202e" not in said
    assert UNREAD not in said
    assert "Asked by" in said


@pytest.mark.parametrize("state", State)
def test_an_account_is_named_and_never_mentioned(state: State) -> None:
    made = card(waiting(state))
    assert "github:77" not in str(made)
    for what in Announcement:
        assert "github:77" not in str(announcement(waiting(state), what))


def test_a_run_that_somebody_started_by_hand_has_a_warning() -> None:
    by_hand = replace(GATE, event="workflow_dispatch")
    assert UNREAD in str(card(waiting(gate_run=by_hand)))


def test_that_nobody_knows_who_answered_it_is_said() -> None:
    answers = {each: GateAnswer("live", 2, GateWord.APPROVED, each, NOON) for each in AnswerState}
    said = {each for each, answer in answers.items() if UNSURE in str(card(waiting(gate_answer=answer)))}
    assert said == {AnswerState.UNSURE}


def test_that_its_people_decide_is_said_while_it_runs() -> None:
    ignored = GateAnswer("live", 2, GateWord.APPROVED, AnswerState.NOT_TAKEN, NOON)
    said = {each for each in State if LEFT_TO_THEM in str(card(waiting(each, gate_answer=ignored)))}
    assert said == {State.RUNNING}


@pytest.mark.parametrize("state", sorted(ENDS))
def test_it_can_be_asked_for_again_at_the_code_host_alone(state: State) -> None:
    assert "'ask_again'" not in str(card(waiting(state)))
