"""The checklist on the card: who ticked what, the buttons that fit the state, and Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.config.checks_rules import ITEMS_AT_MOST, LONGEST_ITEM
from bot.core.actions import ActionId, ButtonValue
from bot.core.catalog import Environment
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.rules import AutomaticItem, AutoTick, Checklist, Tick
from bot.core.ticks import Ticked
from bot.core.verdicts import GateState, Verdict
from bot.core.verifications import Measured, Outcome
from bot.slack.asks import Pressed, read
from bot.slack.views.card import card
from tests.fakes.samples import ADA, NOON, catalog, in_state, policy, service
from tests.unit.slack.slack_takes import must_fit, words
from tests.unit.slack.talk import pressed

BEFORE = (Tick("backup verified"), AutoTick(AutomaticItem.CHECKS), Tick("team told"))
AFTER = (Tick("metrics watched"),)


def listed(state: State = State.WAITING, before: tuple[Any, ...] = BEFORE, **changes: Any) -> Deployment:
    rules = policy(checklist=Checklist(before, AFTER))
    known = catalog(service("api", Environment("staging", rules)))
    verdicts = (
        Verdict("checks", GateState.OPEN, "Green: test."),
        Verdict("checklist", GateState.WAITING, "Not ticked yet: team told.", items=before),
    )
    found = in_state(state, known=known, verdicts=verdicts, **changes)
    return replace(found, ticks=(Ticked("backup verified", ADA.id, "Ada", found.digest or "", NOON),))


def buttons(deployment: Deployment) -> list[tuple[str, str, str]]:
    """Action, label and item of each, in the rows of the checklist."""
    rows = [each for each in card(deployment)["blocks"] if str(each.get("block_id")).startswith("tick-")]
    return [
        (each["action_id"], each["text"]["text"], ButtonValue.read(each["value"]).item)
        for row in rows
        for each in row["elements"]
    ]


def test_it_says_what_is_ticked_and_offers_the_rest() -> None:
    made = card(listed())
    must_fit(made)
    said = words(made).replace("\n", "")
    assert "backup verified · Ada" in said
    assert "checks · by itself" in said
    assert buttons(listed()) == [
        ("untick:0", "Untick “backup verified”", "backup verified"),
        ("tick:1", "Tick “team told”", "team told"),
    ]


@pytest.mark.parametrize("state", [each for each in State if each is not State.REQUESTED])
def test_the_buttons_fit_the_state(state: State) -> None:
    items = {item for _, _, item in buttons(listed(state))}
    wanted = {State.WAITING: {"backup verified", "team told"}, State.SUCCEEDED: {"metrics watched"}}
    assert items == wanted.get(State.WAITING if state is State.SCHEDULED else state, set())


def test_what_was_measured_ticks_itself_afterwards() -> None:
    rules = policy(checklist=Checklist(after=(AutoTick(AutomaticItem.VERIFY),)))
    known = catalog(service("api", Environment("staging", rules)))
    for outcomes, icon in (
        ((Outcome.PASSED, Outcome.PASSED), "white_check_mark"),
        ((Outcome.PASSED, Outcome.INCONCLUSIVE), "white_large_square"),
        ((), "white_large_square"),
    ):
        measured = tuple(Measured("it", each) for each in outcomes)
        done = in_state(State.SUCCEEDED, known=known, verifications=measured)
        (block,) = [each for each in card(done)["blocks"] if each.get("block_id") == "after"]
        assert icon in str(block)


def test_a_tick_on_something_else_is_not_shown() -> None:
    found = listed()
    other = replace(found, ticks=tuple(replace(each, digest="another") for each in found.ticks))
    assert "backup verified · Ada" not in words(card(other)).replace("\n", "")


def test_the_longest_list_fits_a_message() -> None:
    odd = tuple(
        Tick(f"{n:02}" + "`*<!channel>\u202e"[n % 13] * (LONGEST_ITEM - 2)) for n in range(ITEMS_AT_MOST)
    )
    must_fit(card(listed(before=odd)))
    assert len(buttons(listed(before=odd))) == ITEMS_AT_MOST


def test_a_press_is_read_without_its_place_in_the_row() -> None:
    (_, _, item), *_ = buttons(listed())
    value = ButtonValue(7, "d", 1, item=item).write()
    ask = read(pressed("tick:12", value))
    assert isinstance(ask, Pressed)
    assert (ask.action, ButtonValue.read(ask.value).item) == (ActionId.TICK, "backup verified")
