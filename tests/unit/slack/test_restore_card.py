"""The database on the card of a rollback, and the card of its restore."""

from __future__ import annotations

from dataclasses import replace

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.verdicts import GateState, Verdict
from bot.slack.views.card import card
from tests.golden import golden
from tests.unit.core.test_restoring import back, restore
from tests.unit.slack.slack_takes import leaves, must_fit, words


def buttons(deployment: Deployment) -> list[str]:
    return [leaf["action_id"] for leaf in leaves(card(deployment)) if leaf.get("type") == "button"]


def test_the_card_of_a_rollback_offers_it_in_plain_words() -> None:
    made = card(back())
    must_fit(made)
    assert "What was written since then would be lost." in words(made)
    assert "Restore the database…" in words(made)
    golden("card-restore-offered", made)


def test_without_a_backup_it_says_so_and_offers_nothing() -> None:
    none = back(found=Restorable(2))
    assert "no backup from before the migrations of #2 is on record" in words(card(none))
    assert ActionId.RESTORE not in buttons(none)


def test_the_card_of_a_restore_names_the_backup_and_no_release() -> None:
    held = Verdict("migrations", GateState.WAITING, "It would bring the database back.", held=("x",))
    waiting = card(restore(verdicts=(held,)))
    must_fit(waiting)
    assert "Release:" not in words(waiting)
    golden("card-restore-waits", waiting)
    done = replace(restore(), state=State.SUCCEEDED)
    made = card(done)
    must_fit(made)
    assert "Restored" in words(made)
    assert not {ActionId.ASK_AGAIN, ActionId.ROLL_BACK, ActionId.RESTORE} & set(buttons(done))
    assert ActionId.ASK_AGAIN not in buttons(replace(restore(), state=State.FAILED))
    golden("card-restored", made)
