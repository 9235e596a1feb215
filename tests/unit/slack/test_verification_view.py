"""What is measured, on the card: each with its state and last words, and buttons where a person is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.verifications import Measured, Outcome
from bot.core.verifying import FAILED_NEXT, question, why_failed
from bot.engine.verifying import NEXT_STEP
from bot.slack.views.card import card
from tests.fakes.samples import NOON, in_state
from tests.golden import golden
from tests.unit.slack.slack_takes import leaves, must_fit, words

UNTIL = NOON + timedelta(minutes=2)
HEALTH = Measured("api.example.com/health", said="1 of 3 in a row", begun_at=NOON, until=UNTIL)
RIGHT = replace(HEALTH, outcome=Outcome.PASSED, said="3 of 3 in a row")
WRONG = replace(
    HEALTH,
    outcome=Outcome.FAILED,
    said="answered 503, 200 was wanted; never right within 2m",
)
NO_VALUE = Measured(
    "sum(rate(errors[5m])) below 0.05 for 5m", Outcome.INCONCLUSIVE, "no series", begun_at=NOON, until=UNTIL
)
SMOKE = Measured(
    "smoke.yml", said="running", begun_at=NOON, until=UNTIL, url="https://code.test/runs/102", sent_at=NOON
)
DONE = replace(SMOKE, outcome=Outcome.PASSED, said="succeeded")
WORDS = {ActionId.IT_WORKS, ActionId.IT_DOES_NOT_WORK, ActionId.MEASURE_AGAIN}


def measured(state: State, *found: Measured) -> Deployment:
    """With the note that belongs to it."""
    outcomes, said, then = {each.outcome for each in found}, "", ""
    if Outcome.FAILED in outcomes:
        said, then = why_failed(found), FAILED_NEXT
    elif Outcome.INCONCLUSIVE in outcomes:
        said, then = question(found), NEXT_STEP
    return in_state(state, verifications=found, note=said, next_step=then)


def buttons(deployment: Deployment) -> set[str]:
    return {str(each["action_id"]) for each in leaves(card(deployment)) if each.get("type") == "button"}


CARDS = {
    "measuring": measured(State.VERIFYING, HEALTH, SMOKE),
    "passed": measured(State.SUCCEEDED, RIGHT, DONE),
    "failed": measured(State.FAILED, WRONG, SMOKE),
    "asks": measured(State.VERIFYING, RIGHT, NO_VALUE),
}


@pytest.mark.parametrize("name", CARDS)
def test_the_card_shows_what_is_measured(name: str) -> None:
    made = card(CARDS[name])
    must_fit(made)
    golden(f"card-verification-{name}", made)


def test_a_person_is_asked_only_when_all_is_measured_and_nobody_can_tell() -> None:
    assert buttons(measured(State.VERIFYING, RIGHT, NO_VALUE)) >= WORDS
    for found in ((HEALTH, NO_VALUE), (RIGHT,), (HEALTH,)):
        assert not buttons(measured(State.VERIFYING, *found)) & WORDS
    for state in set(State) - {State.VERIFYING}:
        assert not buttons(in_state(state, verifications=(RIGHT, NO_VALUE))) & WORDS


def test_nothing_is_shown_before_anything_is_measured() -> None:
    early = in_state(
        State.RUNNING, verifications=(Measured("api.example.com/health", before="answered 503"),)
    )
    assert "Verification" not in words(card(early))


def test_what_others_say_is_only_words_and_however_much_of_it_fits() -> None:
    odd = "`*<!channel>\u202e&" * 60
    many = tuple(replace(NO_VALUE, what=odd[n:], said=odd) for n in range(30))
    made = card(measured(State.VERIFYING, *many))
    must_fit(made)
    assert "\u202e" not in words(made)
    assert "… and 20 more" in words(made)
