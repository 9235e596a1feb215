"""Each button has one meaning, and a right that it takes; or it is a link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.actions import ActionId, ButtonValue
from bot.core.due import Due
from bot.core.intents import CancelDeployment, Settle, Settlement, TakeBackVote, TickItem
from bot.core.lifecycle import State
from bot.core.policy import Permission
from bot.core.values import Kind
from bot.slack.grammar import Vocabulary, parse
from bot.slack.presses import _meaning
from commands.deploy import COMMAND as DEPLOY
from tests.fakes.samples import SHA_A, catalog, in_state, wish
from tests.unit.slack.talk import NO_DEPLOYMENT

ITEM = "backup verified"
DIGEST = in_state(State.UNKNOWN).digest or ""
VALUE = ButtonValue(7, DIGEST, 1, item=ITEM)
RIGHTS = {
    ActionId.CANCEL: (Permission.CANCEL, CancelDeployment(7)),
    ActionId.IT_RAN: (Permission.SETTLE, Settle(7, Settlement.IT_RAN)),
    ActionId.IT_DID_NOT_RUN: (Permission.SETTLE, Settle(7, Settlement.IT_DID_NOT_RUN)),
    ActionId.LOOK_AGAIN: (Permission.SETTLE, Settle(7, Settlement.LOOK_AGAIN)),
    ActionId.IT_WORKS: (Permission.SETTLE, Settle(7, Settlement.IT_WORKS)),
    ActionId.IT_DOES_NOT_WORK: (Permission.SETTLE, Settle(7, Settlement.IT_DOES_NOT_WORK)),
    ActionId.MEASURE_AGAIN: (Permission.SETTLE, Settle(7, Settlement.MEASURE_AGAIN)),
    ActionId.ASK_AGAIN: (Permission.DEPLOY, None),
    ActionId.ROLL_BACK: (Permission.ROLL_BACK, None),
    ActionId.RESTORE: (Permission.RESTORE, None),
    ActionId.APPROVE: (Permission.DECIDE, None),
    ActionId.REJECT: (Permission.DECIDE, None),
    ActionId.TAKE_BACK: (Permission.DECIDE, TakeBackVote(7)),
    ActionId.TICK: (Permission.TICK, TickItem(7, DIGEST, ITEM, done=True)),
    ActionId.UNTICK: (Permission.TICK, TickItem(7, DIGEST, ITEM, done=False)),
    ActionId.DETAILS: (Permission.LOOK, None),
    ActionId.HAND_OVER: (Permission.HAND_OVER, None),
}
COMMANDS = {
    ActionId.ASK_AGAIN: "deploy",
    ActionId.ROLL_BACK: "rollback",
    ActionId.RESTORE: "restore",
    ActionId.APPROVE: "approve",
    ActionId.REJECT: "reject",
    ActionId.DETAILS: "state",
    ActionId.HAND_OVER: "handover",
}


@pytest.mark.parametrize("action", ActionId)
def test_every_button_has_a_right_or_is_a_link(action: ActionId) -> None:
    meaning = _meaning(action, in_state(State.UNKNOWN), catalog(), VALUE)
    if action in NO_DEPLOYMENT:
        assert meaning is None
        return
    assert meaning is not None
    permission, intent = RIGHTS[action]
    assert meaning.permission is permission
    assert meaning.intents == ((intent,) if intent else ())
    assert meaning.command == COMMANDS.get(action, "")
    assert (meaning.service, meaning.environment) == ("api", "staging")


def test_ask_again_keeps_a_time_that_has_not_come() -> None:
    ended = in_state(State.WITHDRAWN).ended_at
    assert ended is not None
    for late, at in ((timedelta(hours=1), "2026-03-02 13:03 Europe/London"), (timedelta(0), "")):
        wished = wish(due=Due(ended.replace(second=0) + late, "Europe/London"))
        meaning = _meaning(ActionId.ASK_AGAIN, in_state(State.WITHDRAWN, wish=wished), catalog(), VALUE)
        assert meaning is not None
        assert parse(DEPLOY, meaning.words, Vocabulary({"api": ("staging",)})).at == at


def test_a_rollback_that_is_asked_for_again_is_looked_at_first() -> None:
    failed = in_state(State.FAILED, wish=wish(kind=Kind.ROLLBACK))
    meaning = _meaning(ActionId.ASK_AGAIN, failed, catalog(), VALUE)
    assert meaning is not None
    assert (meaning.command, meaning.words) == ("rollback", '"api" "staging"')


@pytest.mark.parametrize("ref", ["feature/x", f"v1.4.1@{SHA_A}"])
def test_ask_again_says_what_was_wished(ref: str) -> None:
    inputs = (("log_level", "info"), ("note", "because of at 9"))
    wished = wish(ref=ref, inputs=inputs, reason="it is so")
    meaning = _meaning(ActionId.ASK_AGAIN, in_state(State.FAILED, wish=wished), catalog(), VALUE)
    assert meaning is not None
    found = parse(DEPLOY, meaning.words, Vocabulary({"api": ("staging",)}))
    assert (found.service, found.environment, found.ref) == ("api", "staging", ref)
    assert (found.inputs, found.reason) == (inputs, "it is so")
