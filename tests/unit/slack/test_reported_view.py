"""What a run said of itself, on the card and in its thread."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.lifecycle import State
from bot.core.run_reports import Backup, Image, Reported, RunReport
from bot.slack.views.card import card
from tests.fakes.samples import in_state
from tests.golden import golden
from tests.unit.slack.slack_takes import must_fit, words

WHOLE = RunReport(
    "v1.2.0",
    (Image("registry.example.com/acme/api", "sha256:" + "0" * 64),),
    Backup("b-0214", datetime(2026, 3, 2, 2, 14, tzinfo=UTC)),
    ("db/migrations/0031_split.sql",),
    "https://staging.example.com/api",
)


def test_a_card_with_what_its_run_said() -> None:
    made = card(in_state(State.SUCCEEDED, reported=Reported(WHOLE)))
    must_fit(made)
    golden("card-reported", made)


def test_the_longest_that_is_taken_fits() -> None:
    long = RunReport(
        "v" * 200,
        (Image("i" * 300, "sha256:" + "0" * 64),) * 50,
        Backup("b" * 100, datetime(2026, 3, 2, 2, 14, tzinfo=UTC)),
        ("m" * 300,) * 300,
        "https://" + "a" * 490,
    )
    must_fit(card(in_state(State.SUCCEEDED, reported=Reported(long))))


def test_what_is_wrong_with_it_stands_there() -> None:
    said = "The run left a slipway.json that can't be used: version is no string."
    assert said in words(card(in_state(State.SUCCEEDED, reported=Reported(said=said))))
