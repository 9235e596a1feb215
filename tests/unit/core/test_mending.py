"""What a release has to do with a quarantined one, by its history and by the words of its commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.core.code import Commit, Comparison, Direction
from bot.core.commit_words import fixes_of, reverts_of
from bot.core.locks import Scope
from bot.core.mending import Bearing, Brought, brought_by, kin_of
from bot.core.quarantine import Quarantine
from bot.core.records import Leaving
from bot.core.values import Sha
from tests.fakes.samples import ADA, NOON, SHA_A, SHA_B, SHA_C, actor, frozen

KEPT = Quarantine("q1", Scope("api"), SHA_A, "v1.4.2", actor(ADA), "it corrupts carts", NOON)
FIX, AGAIN, ONCE_MORE = (Sha(letter * 40) for letter in "def")


def commit(at: Sha, *, reverts: Sequence[str] = (), fixes: Sequence[int] = ()) -> Commit:
    title = f"Commit {at[:1]}"
    return Commit(at, title, "ada", NOON, NOON, "", reverts=tuple(reverts), fixes=tuple(fixes))


def since(*commits: Commit, direction: Direction = Direction.AHEAD, more: int = 0) -> Comparison:
    return Comparison(direction, commits, (), len(commits) + more, truncated=False, url="")


BROUGHT = Brought(frozenset({41, 42}), frozenset({SHA_B}))


@pytest.mark.parametrize(
    ("direction", "bearing"),
    [
        (Direction.AHEAD, Bearing.MADE_OF),
        (Direction.IDENTICAL, Bearing.MADE_OF),
        (Direction.BEHIND, Bearing.APART),
        (Direction.DIVERGED, Bearing.APART),
        (Direction.UNRELATED, Bearing.UNREAD),
    ],
)
def test_only_what_is_made_of_it_is_held(direction: Direction, bearing: Bearing) -> None:
    assert kin_of(KEPT, since(direction=direction), BROUGHT).bearing is bearing


def back(*chain: tuple[Sha, str]) -> tuple[Commit, ...]:
    return tuple(commit(at, reverts=(target,)) for at, target in chain)


@pytest.mark.parametrize(
    ("commits", "words"),
    [
        (back((FIX, SHA_A)), "ddddddd reverts aaaaaaa."),
        (back((FIX, SHA_B)), "ddddddd reverts bbbbbbb."),  # another commit of what it brought
        (back((FIX, SHA_B[:7])), "ddddddd reverts bbbbbbb."),
        (back((FIX, SHA_C)), ""),
        ((commit(FIX, fixes=(7, 42)),), "ddddddd says that it fixes #42."),
        ((commit(FIX, fixes=(7,)),), ""),  # a deployment of something else
        (back((FIX, SHA_A), (AGAIN, FIX)), ""),  # what brought it back
        (back((AGAIN, FIX), (FIX, SHA_A)), ""),  # in whatever order they are listed
        (back((FIX, SHA_A), (AGAIN, FIX), (ONCE_MORE, AGAIN)), "ddddddd reverts aaaaaaa."),
        ((commit(FIX, fixes=(42,)), *back((AGAIN, FIX))), ""),
        (back((FIX, SHA_A), (FIX, FIX)), ""),  # in a circle, which no honest history has
        ((commit(FIX),), ""),
    ],
)
def test_which_words_of_its_commits_show_that_it_mends_it(commits: tuple[Commit, ...], words: str) -> None:
    found = kin_of(KEPT, since(*commits), BROUGHT)
    assert (found.bearing, found.words) == (Bearing.MENDED if words else Bearing.MADE_OF, words)
    assert found.holds is not bool(words)


def test_a_list_that_is_not_whole_is_closed_and_says_so() -> None:
    """A commit that is not listed may take the fix back; one that is listed is known to be one."""
    cut = kin_of(KEPT, since(*back((FIX, SHA_A)), more=1), BROUGHT)
    assert (cut.bearing, cut.words) == (Bearing.CUT_OFF, "It is 2 commits ahead, too many to read.")
    part = replace(BROUGHT, whole=False)
    assert kin_of(KEPT, since(*back((FIX, SHA_C))), part).bearing is Bearing.CUT_OFF
    assert kin_of(KEPT, since(*back((FIX, SHA_B))), part).bearing is Bearing.MENDED


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({}, True),
        ({"total": 2}, False),
        ({"direction": Direction.UNRELATED}, False),
        ({"truncated": True}, True),
    ],
)
def test_what_came_with_it_is_what_its_deployments_brought(changes: dict[str, Any], whole: bool) -> None:
    resolution = frozen().resolution
    assert resolution is not None
    known: dict[str, Any] = {"changes": (commit(SHA_B),), "total": 1} | changes
    asked = replace(frozen(), resolution=replace(resolution, **known))
    assert brought_by(SHA_A, [asked, replace(asked, resolution=None)]) == Brought(
        frozenset({7}), frozenset({SHA_B}), whole
    )


@pytest.mark.parametrize(("left", "whole"), [(2, True), (3, False)])
def test_a_rollback_away_from_it_tells_what_left_with_it(left: int, whole: bool) -> None:
    """Of several releases that were gone back over at once, each may be the one that was wrong."""
    resolution = frozen().resolution
    assert resolution is not None
    leaves = Leaving((commit(SHA_A), commit(SHA_B)), (), left)
    known = replace(resolution, release=commit(SHA_C), changes=(), leaves=leaves)
    away = replace(frozen(), number=9, resolution=known)
    assert brought_by(SHA_A, [away]) == Brought(frozenset({9}), frozenset({SHA_A, SHA_B}), whole)
    here = replace(away, resolution=replace(known, release=commit(SHA_A)))
    assert brought_by(SHA_A, [here]).commits == frozenset(), "a rollback to it took other commits away"


def test_the_words_are_those_that_git_writes() -> None:
    single = f'Revert "Add carts"\n\nThis reverts commit {SHA_A}.\n'
    merge = f"Revert\n\nThis reverts commit {SHA_B}, reversing\nchanges made to {SHA_C}.\n"
    named = "Revert\n\nThis reverts commit ccccccc (Add carts, 2026-03-02).\n"
    assert [reverts_of(each) for each in (single, merge, named)] == [(SHA_A,), (SHA_B,), ("ccccccc",)]
    assert reverts_of(f"{single}\n* {merge}") == (SHA_A, SHA_B)
    for other in (None, "", f"> This reverts commit {SHA_A}", "This reverts commit abc", f"See {SHA_A}"):
        assert reverts_of(other) == ()
    assert fixes_of("Lock carts\n\nFixes-Deployment: #42\nfixes-deployment: 7\n") == (42, 7)
    for other in (None, "Fixes #42", "This Fixes-Deployment: #42", "Fixes-Deployment: #42 and more"):
        assert fixes_of(other) == ()
