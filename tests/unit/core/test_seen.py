"""Ages in words, and the addresses of runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.freezing import begins_next
from bot.core.rules import FixedFreeze, RecurringFreeze
from bot.core.run_links import RunLink, leads_to, run_link
from bot.core.run_words import LOOKS, WORDS
from bot.core.runs import RunStatus
from bot.core.seen import Seen, ago, as_of, system

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = "https://github.com/acme/api/actions/runs/42"


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (timedelta(), "less than a minute ago"),
        (timedelta(seconds=-5), "less than a minute ago"),  # another's clock
        (timedelta(seconds=119), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(minutes=119), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=9), "9 days ago"),
    ],
)
def test_how_long_ago_it_was(gone: timedelta, said: str) -> None:
    assert ago(NOON - gone, NOON) == said


def test_only_what_is_not_of_now_has_an_age() -> None:
    assert as_of(Seen(1, NOON), NOON) == ""
    assert as_of(Seen(1, NOON, "GitHub does not answer"), NOON + timedelta(minutes=2)) == (
        " (as of 2 minutes ago; GitHub does not answer)"
    )
    assert as_of(Seen(None, None, "GitHub does not answer"), NOON) == " (GitHub does not answer)"
    assert (system("github"), system("other")) == ("GitHub", "other")


@pytest.mark.parametrize(
    "more", ["", "/", "/job/7", "/attempts/3", "/attempts/3/job/7", "?pr=1", "/job/7#step:2:1"]
)
def test_the_address_of_a_run(more: str) -> None:
    attempt = 3 if "attempts" in more else None
    assert run_link(AT + more) == RunLink("github.com", "acme/api", "42", attempt)


@pytest.mark.parametrize(
    "word",
    [
        "42",
        "api",
        "https://github.com/acme/api/actions",
        f"{AT}/artifacts/1",
        f"{AT}x",
        f"see {AT}",
        AT.replace("/42", "/0"),
    ],
)
def test_what_is_no_address_of_a_run(word: str) -> None:
    assert run_link(word) is None


def test_an_address_leads_to_its_own_host() -> None:
    link = run_link("https://GitHub.com/acme/api/actions/runs/42")
    assert link is not None
    assert leads_to(link, AT)
    assert leads_to(link, "")
    assert not leads_to(link, "https://github.example.com/acme/api/actions/runs/42")


def test_when_a_freeze_begins_next() -> None:
    weekend = RecurringFreeze("0 18 * * FRI", timedelta(hours=60), "Europe/Helsinki", "weekend")
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert begins_next(weekend, NOON) == friday
    assert begins_next(weekend, friday - timedelta(seconds=1)) == friday
    assert begins_next(weekend, friday) == friday + timedelta(days=7)
    assert begins_next(RecurringFreeze("0 0 31 2 *", timedelta(hours=1), "UTC", "never"), NOON) is None
    opens = datetime(2026, 3, 9, tzinfo=UTC)
    local = opens.replace(tzinfo=None)
    fair = FixedFreeze(local, local + timedelta(days=1), "UTC", "the fair")
    assert begins_next(fair, NOON) == opens
    assert begins_next(fair, opens) is None


def test_every_status_of_a_run_has_a_look() -> None:
    assert set(LOOKS) == set(WORDS) == set(RunStatus)
