"""What a person wants by a delivery."""

from __future__ import annotations

import pytest

from bot.slack.asks import Nothing, Pressed, Spoken, Submitted, read
from bot.slack.deliveries import Incoming, Kind
from tests.unit.slack.talk import pressed, spoken, submitted


@pytest.mark.parametrize(
    ("command", "words", "prefix", "wanted"),
    [
        ("/deploy", "api staging", "", ("deploy", "api staging")),
        ("/Deploy", "", "", ("deploy", "")),
        ("/x-deploy", "api", "x-", ("deploy", "api")),
        ("/slipway", "deploy api staging", "", ("deploy", "api staging")),
        ("/slipway", "  /Deploy\tapi  staging", "", ("Deploy", "api  staging")),
        ("/slipway", "status", "", ("status", "")),
        ("/slipway", "", "", ("help", "")),
        ("/slipway", "   ", "", ("help", "")),
        ("/x-slipway", "deploy api", "x-", ("deploy", "api")),
        ("/deploy", "a &lt; <#C1|7>", "", ("deploy", "a < #7")),
    ],
)
def test_a_command_and_its_words(command: str, words: str, prefix: str, wanted: tuple[str, str]) -> None:
    ask = read(spoken(words, command), prefix)
    assert isinstance(ask, Spoken)
    assert (ask.command, ask.words) == wanted
    assert (ask.who.person, ask.who.place.channel) == ("U0LINUS001", "C0DEPLOYS1")
    assert (ask.who.trigger, ask.who.response_url) == ("1.2.3", "http://127.0.0.1/respond")


def test_a_click_with_its_place() -> None:
    ask = read(pressed("cancel", "7"))
    assert isinstance(ask, Pressed)
    assert (ask.action, ask.value) == ("cancel", "7")
    assert (ask.who.place.channel, ask.who.place.thread) == ("C0APIDEPLO", "1700.1")


def test_the_values_of_a_form_are_as_they_were_typed() -> None:
    ask = read(submitted("deploy", {"service": "api", "reason": "fish &amp; chips <b>"}))
    assert isinstance(ask, Submitted)
    assert ask.command == "deploy"
    assert ask.values == {"service": "api", "reason": "fish &amp; chips <b>"}
    assert ask.who.place.channel == "C0DEPLOYS1"


def test_every_kind_of_field_is_read() -> None:
    option = {"text": {"type": "plain_text", "text": "API"}, "value": "api"}
    fields = {
        "menu": {"type": "static_select", "selected_option": option},
        "empty menu": {"type": "static_select", "selected_option": None},
        "boxes": {"type": "checkboxes", "selected_options": [option, {"value": "b"}, 7]},
        "no boxes": {"type": "checkboxes", "selected_options": []},
        "text": {"type": "plain_text_input", "value": "words"},
        "empty": {"type": "plain_text_input", "value": None},
        "odd": "not an object",
    }
    view = {"state": {"values": {name: {name: element} for name, element in fields.items()}}}
    ask = read(Incoming(Kind.VIEW_SUBMISSION, "T1", "k", {"view": view}))
    assert isinstance(ask, Submitted)
    assert ask.values == {
        "menu": "api",
        "empty menu": "",
        "boxes": "api b",
        "no boxes": "",
        "text": "words",
        "empty": "",
        "odd": "",
    }


WANTS = {Kind.COMMAND, Kind.BLOCK_ACTIONS, Kind.VIEW_SUBMISSION, Kind.MESSAGE_ACTION}


@pytest.mark.parametrize("kind", sorted(set(Kind) - WANTS))
def test_the_rest_asks_for_nothing(kind: Kind) -> None:
    assert read(Incoming(kind, "T1", "k", {"type": kind.value})) == Nothing()


@pytest.mark.parametrize(
    ("metadata", "channel", "fixed"),
    [
        ("C1", "C1", {}),
        ('C1 {"service": "api", "ref": "v 1"}', "C1", {"service": "api", "ref": "v 1"}),
        (' {"service": "api"}', "", {"service": "api"}),
        ("C1 not JSON", "C1", {}),
        ("C1 [1]", "C1", {}),
    ],
)
def test_what_a_form_brought_along_comes_back(metadata: str, channel: str, fixed: dict[str, str]) -> None:
    view = {"callback_id": "deploy", "private_metadata": metadata, "state": {"values": {}}}
    ask = read(Incoming(Kind.VIEW_SUBMISSION, "T1", "k", {"view": view}))
    assert isinstance(ask, Submitted)
    assert (ask.who.place.channel, ask.fixed, ask.all) == (channel, fixed, fixed)
