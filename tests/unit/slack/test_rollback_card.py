"""The card of a rollback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.actions import ActionId
from bot.core.code import Direction
from bot.core.effects import Announcement
from bot.core.lifecycle import State
from bot.core.records import Leaving
from bot.core.values import Kind
from bot.slack.views.announcement import announcement
from bot.slack.views.card import card
from tests.fakes.samples import in_state, resolution, wish
from tests.golden import golden
from tests.unit.slack.slack_takes import leaves, must_fit, words
from tests.unit.slack.test_views import MANY, RANGE


@pytest.mark.parametrize(
    ("state", "name"), [(State.WAITING, "card-goes-back"), (State.SUCCEEDED, "card-went-back")]
)
def test_the_card_of_a_rollback_names_what_leaves(state: State, name: str) -> None:
    leaving = Leaving(MANY[:3], ("db/migrations/7.sql",), 3)
    found = resolution(
        **(RANGE | {"changes": (), "direction": Direction.BEHIND, "leaves": leaving, "behind": 3})
    )
    made = card(in_state(state, wish=wish(kind=Kind.ROLLBACK), resolution=found))
    must_fit(made)
    assert "3 commits of #6 leave" in words(made)
    assert "take #6's commit back" not in words(made), "that is what was asked for"
    golden(name, made)


def test_what_was_undone_keeps_its_end_and_is_not_undone_twice() -> None:
    made = card(in_state(State.SUCCEEDED, undone_by=9))
    must_fit(made)
    said = words(made)
    assert "Deployed" in said
    assert "Rolled back by #9" in said
    assert ActionId.ROLL_BACK not in [leaf.get("action_id") for leaf in leaves(made)]
    golden("card-was-undone", made)


def test_authors_of_what_left_are_named_in_its_thread() -> None:
    wrote = tuple(
        replace(each, author=f"author-{number}" * 9, author_id=str(number), title="\u200b" * 200)
        for number, each in enumerate(MANY * 2)
        for _ in range(4)
    )
    crowd = resolution(leaves=Leaving(wrote, (), len(wrote)))
    must_fit(announcement(in_state(State.SUCCEEDED, resolution=crowd), Announcement.UNDONE, {"1": "U1"}))
    few = resolution(**(RANGE | {"leaves": Leaving((replace(MANY[0], author_id="6"), MANY[1]), (), 2)}))
    back = in_state(State.SUCCEEDED, wish=wish(kind=Kind.ROLLBACK), resolution=few)
    made = announcement(back, Announcement.UNDONE, {"6": "U0GRACE001"})
    must_fit(made)
    golden("announcement-undone-authors", made)
