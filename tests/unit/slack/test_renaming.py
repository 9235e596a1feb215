"""Where commands carry a prefix, nothing that people read names them without it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.core.lifecycle import State
from bot.core.text import line, sentence
from bot.slack import forms
from bot.slack.renaming import Renaming
from bot.slack.views.announcement import answer
from bot.slack.views.card import card
from commands import COMMANDS
from commands.help import explain, overview
from tests.fakes.samples import in_state
from tests.unit.slack.slack_takes import must_fit, words
from tests.unit.slack.talk import VOCABULARY

RENAMING = Renaming("x-", COMMANDS)
BARE = re.compile(rf"(?<![\w-])/({'|'.join(each.name for each in COMMANDS)}|slipway)\b")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)
def test_help_and_forms_name_the_commands_as_they_are_called_here(command: Any) -> None:
    for made in (answer(explain(command), []), answer(overview(COMMANDS), [])):
        assert BARE.search(words(made))
        renamed = RENAMING.message(made)
        must_fit(renamed)
        assert not BARE.search(words(renamed)), words(renamed)
        assert not BARE.search(str(renamed["text"])), renamed["text"]
    form = forms.form(command, VOCABULARY, "C1")
    assert not BARE.search(words(RENAMING.message(form)))


def test_errors_and_notes_name_them_too() -> None:
    assert RENAMING.text("Try `/state` or `/slipway help`.") == "Try `/x-state` or `/x-slipway help`."
    made = RENAMING.message(answer(sentence("Try `/state #7`."), []))
    assert "/x-state #7" in words(made)
    noted = card(in_state(State.WAITING, next_step="`/state` shows more."))
    said = words(RENAMING.message(noted))
    assert "/x-state" in said
    assert "shows more." in said


def test_what_people_wrote_stays_as_it_is() -> None:
    said = answer(line("because /deploy failed, see `/etc/state` and `/stately` at https://x.test/state"), [])
    assert RENAMING.message(said) == said


def test_without_a_prefix_nothing_changes() -> None:
    made = answer(overview(COMMANDS), [])
    assert Renaming("", COMMANDS).message(made) == made
    assert Renaming("", COMMANDS).text("`/state`") == "`/state`"
