"""Alerts on the card and in its thread: what fires comes first, with its numbers."""

from __future__ import annotations

from datetime import timedelta

from bot.core.alerts import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_VALUE
from bot.core.effects import Announcement
from bot.core.lifecycle import State
from bot.core.pinning import MOST
from bot.slack.views.alerts import alert_lines
from bot.slack.views.card import card
from tests.fakes.samples import NOON, in_state, pinned
from tests.golden import golden
from tests.unit.slack.saying import announcement
from tests.unit.slack.slack_takes import must_fit, words

OVER = pinned(fingerprint="f", name="SlowResponses", summary="", value="7.5", resolved_at=NOON)


def test_a_card_with_alerts() -> None:
    made = card(in_state(State.VERIFYING, alerts=(OVER, pinned(fails=True))))
    must_fit(made)
    golden("card-alerts", made)


def test_what_fires_comes_first_and_says_that_it_counts() -> None:
    text = alert_lines(in_state(State.VERIFYING, alerts=(OVER, pinned(fails=True)))).plain()
    assert text.index("HighErrorRate fires") < text.index("SlowResponses is over")
    assert "6.9% of the requests to backend fail, 5 % are allowed (value 0.0694)" in text
    assert "Its value is 7.5." in text
    assert text.count("It counts against this deployment.") == 1


def test_a_value_that_the_words_name_is_not_said_twice() -> None:
    found = in_state(State.SUCCEEDED, alerts=(pinned(summary="0.0694 of them fail"),))
    assert "value" not in alert_lines(found).plain()


def test_the_most_and_longest_of_them_fit() -> None:
    long = pinned(name="n" * LONGEST_NAME, summary="s" * LONGEST_SUMMARY, value="v" * LONGEST_VALUE)
    made = card(in_state(State.SUCCEEDED, alerts=(long,) * MOST))
    must_fit(made)
    assert f"… and {MOST - 5} more." in words(made)


def test_the_thread_says_what_fires_now() -> None:
    both = in_state(State.SUCCEEDED, alerts=(OVER, pinned()))
    made = announcement(both, Announcement.ALERT)
    assert "#7 api to staging: an alert fires. HighErrorRate" in made["text"]
    assert "SlowResponses\n is over since" in words(made)
    late = in_state(State.SUCCEEDED, alerts=(pinned(resolved_at=NOON + timedelta(minutes=2)),))
    assert "an alert fired." in words(announcement(late, Announcement.ALERT))
