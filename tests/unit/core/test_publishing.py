"""What is news about a release, what came before it, and what of it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.publishing import (
    EVERY,
    LATE,
    KnownRelease,
    Published,
    fresh,
    is_news,
    pace,
    release_before,
    told_since,
)
from bot.core.publishing_events import ReleasePublished
from bot.core.publishing_words import LINE, LINES, MORE, NAMED, READ, beginning, release_text
from tests.fakes.samples import NOON

DAY = timedelta(days=1)
V2 = Published(
    "7", "v2.0.0", "Refunds", "", "grace", NOON, False, "https://code.test/r", "https://c/{before}...v2"
)
KNOWN = V2.known


def known(tag: str, days: int = -1, *, prerelease: bool = False) -> KnownRelease:
    return KnownRelease(f"id of {tag}", tag, NOON + days * DAY, prerelease)


def test_a_release_is_news_once_whatever_is_changed_about_it() -> None:
    assert is_news(V2, (), NOON)
    for changed in (
        V2,
        replace(V2, notes="other", name="other"),
        replace(V2, tag="v2.0.1"),
        replace(V2, external_id="8"),  # made anew
        replace(V2, prerelease=True),
    ):
        assert fresh([changed], [KNOWN]) == []


def test_what_was_published_before_we_listened_is_kept_and_not_told() -> None:
    assert fresh([V2], ()) == [V2]
    assert not is_news(V2, (), NOON + timedelta(seconds=1))


def test_a_prerelease_is_news_when_it_becomes_a_release() -> None:
    candidate = replace(V2, prerelease=True)
    assert fresh([candidate], ()) == [candidate]
    assert not is_news(candidate, (), NOON)
    assert fresh([candidate], [candidate.known]) == []
    assert fresh([V2], [candidate.known]) == [V2]
    assert is_news(V2, [candidate.known], NOON + 9 * DAY), "however long it was one"


def test_the_oldest_comes_first() -> None:
    later = replace(V2, external_id="9", tag="v2.1.0", at=NOON + DAY)
    assert fresh([later, V2], ()) == [V2, later]


def test_nobody_hears_of_history() -> None:
    assert told_since(NOON, NOON + DAY) == NOON
    assert told_since(NOON, NOON + 9 * DAY) == NOON + 9 * DAY - LATE


@pytest.mark.parametrize(("repositories", "wanted"), [(1, EVERY), (100, EVERY), (300, timedelta(minutes=30))])
def test_many_repositories_are_listed_less_often(repositories: int, wanted: timedelta) -> None:
    assert pace(repositories) == wanted


@pytest.mark.parametrize(
    ("tag", "others", "wanted"),
    [
        ("v2.0.0", ["v1.9.0", "v1.10.0", "v2.1.0"], "v1.10.0"),
        ("v1.9.1", ["v2.0.0", "v1.9.0", "v1.8.0"], "v1.9.0"),
        ("1.0", ["0.9", "v0.9.5"], "0.9"),
        ("api-v2", ["web-v1", "api-v1"], "api-v1"),
        ("v1.0.0", ["v2.0.0"], ""),
        ("nightly", ["v1.0.0"], ""),
        ("spring", ["winter"], "winter"),
        ("v2.0.0", [], ""),
    ],
)
def test_the_release_before_it_is_that_of_its_own_line(tag: str, others: list[str], wanted: str) -> None:
    every = [known(each) for each in others] + [known("v1.10.1", prerelease=True), known(tag)]
    assert release_before(replace(V2, tag=tag), every) == wanted


NOTES = "<!-- made by a tool\n-->\r\n## What is new\n\n* Refunds <!channel> @here\n- Totals\u202e\n"
NOTES += "* more\n" * 9


def test_of_the_notes_a_few_plain_lines_are_said() -> None:
    said = beginning(NOTES).splitlines()
    assert said[:3] == ["What is new", "Refunds <!channel> @here", "Totals\\u202e"]
    assert len(said) == LINES + 1
    assert said[-1] == MORE
    assert beginning("") == beginning("<!-- it never ends") == ""
    assert len(beginning("x" * 9 * READ).splitlines()[0]) == LINE


def event(**changes: str) -> ReleasePublished:
    plain = ReleasePublished(
        service="api",
        repository="acme/api",
        tag="v2.0.0",
        name="Refunds",
        by="grace",
        at=NOON.isoformat(),
        url="https://code.test/r",
        notes="Partial amounts\n…",
        before="v1.9.0",
        compare="https://code.test/c",
        runs_in="",
    )
    return replace(plain, **changes)


def test_it_says_what_by_whom_when_what_is_new_and_where_it_runs() -> None:
    said = release_text([event(runs_in="staging (#42)"), event(service="web")], "/deploy api staging v2.0.0")
    assert said.plain().splitlines() == [
        " Released: acme/api v2.0.0 (https://code.test/r) Refunds",
        "By grace · 2026-03-02 12:00 UTC · Changes since v1.9.0 (https://code.test/c)",
        "• Partial amounts",
        "…",
        "For api, web. It runs already: api in staging (#42).",
        "Deploy it: `/deploy api staging v2.0.0`",
    ]


def test_what_is_not_known_is_left_out() -> None:
    said = release_text([event(name="v2.0.0", by="", notes="", before="", compare="")], "").plain()
    assert said.splitlines() == [
        " Released: acme/api v2.0.0 (https://code.test/r)",
        "2026-03-02 12:00 UTC",
        "For api. It runs nowhere yet.",
    ]
    assert "and others" in release_text([event(service=str(each)) for each in range(NAMED + 1)], "").plain()
