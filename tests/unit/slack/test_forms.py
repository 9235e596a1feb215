"""A command's form, held against what Slack takes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.command import Command
from bot.core.errors import UserError
from bot.playground.slack.limits import check_view, view_too_large
from bot.slack import limits
from bot.slack.forms import error_field, form, missing, words_of
from bot.slack.grammar import Vocabulary, parse
from commands import COMMANDS
from tests.unit.slack.talk import LAUNCH, VOCABULARY

MANY = Vocabulary(
    {f"service-{number:03}": ("staging", f"environment-{number:03}") for number in range(200)}, ("help",)
)
LONG = Vocabulary({"a" * 63 + str(number): ("b" * 63,) for number in range(120)}, ("help",))
NONE = Vocabulary({}, ())


@pytest.mark.parametrize("command", [*COMMANDS, LAUNCH], ids=lambda command: command.name)
@pytest.mark.parametrize("vocabulary", [VOCABULARY, MANY, LONG, NONE], ids=["few", "many", "long", "none"])
def test_every_form_is_one_that_slack_takes(command: Command[Any], vocabulary: Vocabulary) -> None:
    view = form(command, vocabulary, "C1")
    limits.check(view)
    assert check_view(view) == []
    assert not view_too_large(view)


def choices(view: dict[str, Any], name: str) -> list[str]:
    element = next(block for block in view["blocks"] if block["block_id"] == name)["element"]
    groups = element.get("option_groups", [element])
    return [option["value"] for group in groups for option in group["options"]]


def test_a_long_list_offers_every_service() -> None:
    view = form(LAUNCH, MANY, "C1")
    assert choices(view, "service") == list(MANY.services)
    assert len(choices(view, "environment")) == 201
    assert choices(form(LAUNCH, VOCABULARY, "C1"), "service") == ["api", "web", "web-shop"]


def test_the_form_asks_for_every_argument() -> None:
    view = form(LAUNCH, VOCABULARY, "C1")
    inputs = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert list(inputs) == [
        "service",
        "environment",
        "ref",
        "inputs",
        "at",
        "dry_run",
        "emergency",
        "reason",
    ]
    assert [name for name, block in inputs.items() if not block["optional"]] == ["service", "environment"]
    assert (view["callback_id"], view["private_metadata"]) == ("launch", "C1")


def test_what_is_missing_is_said_at_its_field() -> None:
    assert missing(LAUNCH, {"service": " "}) == {
        "service": "This is needed.",
        "environment": "This is needed.",
    }
    assert missing(LAUNCH, {"service": "api", "environment": "staging"}) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"service": "apy", "environment": "staging"}, "service"),
        ({"service": "api", "environment": "preview"}, "environment"),
        ({"service": "api", "environment": "staging", "inputs": "x y"}, "service"),
    ],
)
def test_an_error_stands_at_the_field_it_speaks_of(values: dict[str, str], field: str) -> None:
    with pytest.raises(UserError) as refused:
        parse(LAUNCH, words_of(LAUNCH, values), VOCABULARY)
    found = error_field(LAUNCH, values, refused.value)
    assert list(found) == [field]
    assert refused.value.what in found[field]


def test_the_words_of_a_form() -> None:
    values = {
        "service": "api",
        "environment": "staging",
        "ref": "v1",
        "inputs": "a=1\nb=2\n",
        "at": "9:00",
        "dry_run": "dry-run",
        "reason": "it is\nFriday",
    }
    said = words_of(LAUNCH, values)
    assert said == '"api" "staging" ref="v1" a=1 b=2 at 9:00 dry-run because it is\nFriday'
    assert parse(LAUNCH, said, VOCABULARY).reason == "it is Friday"
    assert words_of(LAUNCH, {}) == ""


def test_what_is_left_empty_in_a_form_is_not_filled_by_the_next_field() -> None:
    """What a rollback shall leave must never be read as what shall come back."""
    rollback = next(each for each in COMMANDS if each.name == "rollback")
    said = words_of(rollback, {"service": "api", "environment": "staging", "away_from": "#2"})
    found = parse(rollback, said, VOCABULARY)
    assert (found.version, found.away_from) == (None, "#2")
    both = words_of(
        rollback, {"service": "api", "environment": "staging", "version": "#1", "away_from": "#2"}
    )
    found = parse(rollback, both, VOCABULARY)
    assert (found.version, found.away_from) == ("#1", "#2")


def test_a_form_about_a_deployment_says_so_and_begins_at_what_is_missing() -> None:
    reject = next(each for each in COMMANDS if each.name == "reject")
    view = form(reject, VOCABULARY, "C1", {"number": "#7"}, "#7 api to <staging>.")
    intro, number, reason = view["blocks"]
    assert intro["text"] == {"type": "plain_text", "text": "#7 api to <staging>."}
    assert number["element"]["initial_value"] == "#7"
    assert "focus_on_load" not in number["element"]
    assert reason["element"]["focus_on_load"] is True
    assert check_view(view) == []
