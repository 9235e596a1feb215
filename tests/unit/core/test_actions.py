"""What a button carries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.actions import ButtonValue
from bot.core.errors import UserError


@given(st.integers(1, 2**40), st.text("0123456789abcdef", max_size=64), st.integers(1, 10**6))
def test_a_button_is_read_back_and_fits(number: int, digest: str, version: int) -> None:
    value = ButtonValue(number, digest, version)
    assert ButtonValue.read(value.write()) == value
    assert len(value.write()) < 2000


NOT_OURS = [
    "",
    "7",
    "null",
    "[]",
    "{}",
    '{"n": "x", "d": "", "v": 1}',
    '{"n": 1, "v": 1}',
    '{"n": [], "d": 1, "v": 1}',
    '{"n": 1e999, "d": "", "v": 1}',
    "{",
    "[" * 100_000,
]


@pytest.mark.parametrize("text", NOT_OURS, ids=lambda text: text[:20])
def test_anything_else_is_no_button_of_ours(text: str) -> None:
    with pytest.raises(UserError, match="not one of ours"):
        ButtonValue.read(text)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        ButtonValue.read(text)
    except UserError as error:
        assert error.next
