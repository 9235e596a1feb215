"""Names as they are, not as they want to look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.visible import clip, mixed, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("main", "main"),
        ("gpj\u202efdp", "gpj\\u202efdp"),
        ("ma\u200bin", "ma\\u200bin"),
        ("a\x00b\x1bc", "a\\u0000b\\u001bc"),
        ("\ufeffmain", "\\ufeffmain"),
        ("\ud800", "\\ud800"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("👩\u200d🚀 and ❤\ufe0f", "👩\u200d🚀 and ❤\ufe0f"),
        ("naïve 日本", "naïve 日本"),
    ],
)
def test_the_invisible_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_letters_of_two_alphabets_are_noticed() -> None:
    assert mixed("m\u0430in")  # a Cyrillic a
    assert not mixed("main")
    assert not mixed("главная")
    assert not mixed("main-日本")


@given(st.text(), st.integers(1, 50))
def test_clipped_text_fits(text: str, longest: int) -> None:
    clipped = clip(text, longest)
    assert len(clipped) <= longest
    assert clipped == text or clipped.endswith("…")
