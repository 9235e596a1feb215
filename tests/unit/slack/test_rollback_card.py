"""The card of a rollback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.actions import ActionId
from bot.core.code import Direction
from bot.core.effects import Announcement
from bot.core.lifecycle import State
from bot.core.owning import Owners
from bot.core.records import Leaving
from bot.core.values import Kind
from bot.slack.views.card import card
from tests.fakes.samples import ADA, LINUS, in_state, resolution, wish
from tests.golden import golden
from tests.unit.slack.saying import announcement
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


def test_a_rollback_that_nobody_knows_of_asks_whoever_asked_and_the_owners() -> None:
    lost = in_state(State.UNKNOWN, wish=wish(kind=Kind.ROLLBACK))
    labels = {
        leaf["action_id"]: leaf["text"]["text"] for leaf in leaves(card(lost)) if leaf.get("type") == "button"
    }
    assert labels[ActionId.IT_RAN] == "It was rolled back"
    assert labels[ActionId.IT_DID_NOT_RUN] == "It was not rolled back"
    made = announcement(lost, Announcement.UNKNOWN, Owners("payments", (ADA,), whole=False))
    must_fit(made)
    rung = [leaf["user_id"] for leaf in leaves(made) if leaf.get("type") == "user"]
    assert rung == [LINUS.id, ADA.id]
    assert "nobody knows whether it was rolled back" in words(made)
    assert "and others. The buttons of the card take the answer." in words(made)
    golden("announcement-unknown-rollback", made)


def test_owners_who_can_not_be_listed_are_named() -> None:
    made = announcement(in_state(State.UNKNOWN), Announcement.UNKNOWN, Owners("everyone", whole=False))
    assert "For the owners (everyone)" in words(made)
    assert "The buttons of the card take the answer." in words(made)


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
    must_fit(
        announcement(in_state(State.SUCCEEDED, resolution=crowd), Announcement.UNDONE, people={"1": "U1"})
    )
    few = resolution(**(RANGE | {"leaves": Leaving((replace(MANY[0], author_id="6"), MANY[1]), (), 2)}))
    back = in_state(State.SUCCEEDED, wish=wish(kind=Kind.ROLLBACK), resolution=few)
    made = announcement(back, Announcement.UNDONE, people={"6": "U0GRACE001"})
    must_fit(made)
    golden("announcement-undone-authors", made)
