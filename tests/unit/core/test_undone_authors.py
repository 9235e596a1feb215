"""Who hears of commits that left with a rollback: each once, and nobody who can do nothing with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.code import Commit
from bot.core.lifecycle import State
from bot.core.records import Deployment, Leaving
from bot.core.text import Mention, Text
from bot.core.undone_authors import MOST, authors_of, told_authors
from bot.core.values import Kind, Sha
from tests.fakes.samples import LINUS, NOON, SHA_A, SHA_B, SHA_C, in_state, resolution, wish

SHAS = [Sha(f"{number:040x}") for number in range(60)]


def commit(at: Sha, author: str, number: str | None = None, **known: Any) -> Commit:
    plain = Commit(at, f"Change {at[-2:]}", author, NOON, NOON, f"https://code.test/{at}", author_id=number)
    return replace(plain, **known)


def back(*commits: Commit, **known: Any) -> Deployment:
    """Linus rolled back; these left, the oldest first."""
    found = resolution(leaves=Leaving(commits, (), len(commits)))
    asked = wish(kind=Kind.ROLLBACK, reason="the checkout fails")
    return in_state(State.SUCCEEDED, **({"wish": asked, "resolution": found} | known))


def names(*commits: Commit) -> list[tuple[str, str | None, int]]:
    found = authors_of(back(*commits).resolution)
    return [(each.name, each.account, len(each.commits)) for each in found]


def rings(text: Text) -> list[str]:
    every = [span for spans in text.lines for span in spans if isinstance(span, Mention)]
    return [span.person for span in every if span.notify]


def test_each_author_is_there_once_and_whoever_wrote_last_is_first() -> None:
    found = names(commit(SHA_A, "ada"), commit(SHA_B, "grace", "6"), commit(SHA_C, "Ada", "5"))
    assert found == [("Ada", "5", 2), ("grace", "6", 1)]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"co_authors": ("grace",), "co_author_ids": ("6",)}, [("ada", "5", 1), ("grace", "6", 1)]),
        (
            {"co_authors": ("Grace H", "bo"), "co_author_ids": ("7",)},
            [("ada", "5", 1), ("Grace H", None, 1), ("bo", None, 1)],
        ),
        ({"co_authors": ("ada",), "co_author_ids": ("5",)}, [("ada", "5", 1)]),
        ({"co_authors": ("dependabot[bot]",), "co_author_ids": ("9",)}, [("ada", "5", 1)]),
        ({"is_merge": True}, []),
    ],
)
def test_who_wrote_a_commit(known: dict[str, Any], expected: list[Any]) -> None:
    assert names(commit(SHA_A, "ada", "5", **known), commit(SHA_B, "Renovate[Bot]", "9")) == expected


def test_nobody_wrote_what_did_not_leave() -> None:
    assert authors_of(None) == authors_of(resolution()) == ()


def test_they_read_what_left_who_did_it_why_and_the_way_back() -> None:
    text = told_authors(back(commit(SHA_A, "grace", "6"), commit(SHA_B, "bo")), {"6": "U0GRACE001"})
    said = text.plain().splitlines()
    assert said[0] == "By @Linus because the checkout fails"
    assert said[1].startswith("bo: bbbbbbb (https://code.test/")
    assert said[2].startswith("@grace: aaaaaaa (https://code.test/")
    assert said[3] == "It left with what ran there, and that release is kept out until a fix is there."
    assert "a commit that reverts one of these, or says `Fixes-Deployment: #7` in its message" in said[4]
    assert rings(text) == ["U0GRACE001"]


def test_nobody_hears_of_it_twice_and_whoever_did_it_not_at_all() -> None:
    wrote = (commit(SHA_A, "grace", "6"), commit(SHA_B, "grace-h", "7"), commit(SHA_C, "linus", "8"))
    people = {"6": "U0GRACE001", "7": "U0GRACE001", "8": LINUS.id}
    text = told_authors(back(*wrote), people)
    assert rings(text) == ["U0GRACE001"]
    assert all(name in text.plain() for name in ("grace", "grace-h", "linus"))


def test_only_so_many_people_and_so_many_commits_of_each_are_named() -> None:
    crowd = [commit(each, f"person-{number}", str(number)) for number, each in enumerate(SHAS[:25])]
    text = told_authors(back(*crowd), {str(number): f"U{number}" for number in range(25)})
    assert len(rings(text)) == MOST
    assert "… and 5 more people" in text.plain()
    busy = told_authors(back(*(commit(each, "ada") for each in SHAS[:5])), {})
    assert busy.plain().count("https://") == 3
    assert " and 2 more" in busy.plain()
