"""Patterns: what they fit, and that none costs more than its length."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.globs import Wild, fits, matches_any

SAID = {Wild.ONE: "[^/]", Wild.SOME: "[^/]*", Wild.ANY: ".*", Wild.FOLDERS: "(?:.*/)?"}
CHOICES: list[Wild | str] = [*Wild, "a", "b", "/"]
PARTS = st.lists(st.sampled_from(CHOICES), max_size=6)
MOMENT = 2.0  # seconds; without the defence it would be hours


@given(PARTS, st.text("ab/", max_size=8))
def test_parts_fit_what_the_same_regular_expression_fits(parts: list[Wild | str], text: str) -> None:
    wanted = "".join(re.escape(each) if isinstance(each, str) else SAID[each] for each in parts)
    assert fits(text, parts) is (re.fullmatch(wanted, text) is not None)


@pytest.mark.parametrize(
    ("path", "pattern", "fit"),
    [
        ("db/migrations/1.sql", "db/**", True),
        ("db", "db/**", False),
        ("db/x/y/1.sql", "db/**/*.sql", True),
        ("db/1.sql", "db/**/*.sql", True),
        ("a/b/c/d", "**/b/**/d", True),
        ("a/b/c/d", "**/d/**/b", False),
        ("a/b", "*", False),
        ("main", "main", True),
        ("main", "**", True),
        ("feature/x", "feature/*", True),
        ("feature/x/y", "feature/*", False),
    ],
)
def test_a_pattern_of_the_catalog_goes_by_whole_names(path: str, pattern: str, fit: bool) -> None:
    assert matches_any(path, [pattern]) is fit


def test_no_pattern_is_dear() -> None:
    began = process_time()
    assert not matches_any("/".join("a" * 120), ["/".join([*["**"] * 90, "b"])])
    dear: list[Wild | str] = [Wild.ANY, "a"] * 60
    assert not fits("a" * 250, [*dear, "b"])
    assert process_time() - began < MOMENT
