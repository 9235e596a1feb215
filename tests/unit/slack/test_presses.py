"""Each button has one meaning, and a right that it takes; or it is a link."""

from __future__ import annotations

import pytest

from bot.core.actions import ActionId
from bot.core.intents import CancelDeployment, Settle, Settlement
from bot.core.lifecycle import State
from bot.core.policy import Permission
from bot.slack.grammar import Vocabulary, parse
from bot.slack.presses import _meaning
from commands.deploy import COMMAND as DEPLOY
from tests.fakes.samples import in_state, wish

LINKS = {ActionId.OPEN_RUN, ActionId.OPEN_FORM, ActionId.OLDER}
RIGHTS = {
    ActionId.CANCEL: (Permission.CANCEL, CancelDeployment(7)),
    ActionId.IT_RAN: (Permission.SETTLE, Settle(7, Settlement.IT_RAN)),
    ActionId.IT_DID_NOT_RUN: (Permission.SETTLE, Settle(7, Settlement.IT_DID_NOT_RUN)),
    ActionId.LOOK_AGAIN: (Permission.SETTLE, Settle(7, Settlement.LOOK_AGAIN)),
    ActionId.ASK_AGAIN: (Permission.DEPLOY, None),
}


@pytest.mark.parametrize("action", ActionId)
def test_every_button_has_a_right_or_is_a_link(action: ActionId) -> None:
    meaning = _meaning(action, in_state(State.UNKNOWN))
    if action in LINKS:
        assert meaning is None
        return
    assert meaning is not None
    permission, intent = RIGHTS[action]
    assert meaning.permission is permission
    assert meaning.intents == ((intent,) if intent else ())
    assert (meaning.service, meaning.environment) == ("api", "staging")


def test_ask_again_says_what_was_wished() -> None:
    inputs = (("log_level", "info"), ("note", "because of at 9"))
    wished = wish(ref="feature/x", inputs=inputs, reason="it is so")
    meaning = _meaning(ActionId.ASK_AGAIN, in_state(State.FAILED, wish=wished))
    assert meaning is not None
    found = parse(DEPLOY, meaning.words, Vocabulary({"api": ("staging",)}))
    assert (found.service, found.environment, found.ref) == ("api", "staging", "feature/x")
    assert (found.inputs, found.reason) == (inputs, "it is so")
