"""Inputs are filled completely or not at all."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from bot.core.nearest import did_you_mean, nearest
from bot.core.placeholders import Placeholder, Unfilled, fill, unknown_words, used


def test_filling() -> None:
    templates = (("a", "{tag}-{short_sha}"), ("json", '{"sha": "{sha}"}'), ("plain", "x"))
    values = {Placeholder.TAG: "v1", Placeholder.SHORT_SHA: "4f2a9c1", Placeholder.SHA: "4f2a9c1d"}
    assert fill(templates, values) == (
        ("a", "v1-4f2a9c1"),
        ("json", '{"sha": "4f2a9c1d"}'),
        ("plain", "x"),
    )
    assert used(templates) == set(values)


def test_an_empty_target_is_never_sent() -> None:
    templates = (("a", "{tag}"), ("b", "{previous.version} {sha}"))
    found = fill(templates, {Placeholder.TAG: "", Placeholder.PREVIOUS_VERSION: None, Placeholder.SHA: "1"})
    assert found == Unfilled((("a", Placeholder.TAG), ("b", Placeholder.PREVIOUS_VERSION)))


def test_a_value_is_not_filled_again() -> None:
    assert fill((("a", "{ref}"),), {Placeholder.REF: "{sha}", Placeholder.SHA: "1"}) == (("a", "{sha}"),)


def test_words_that_are_no_placeholder() -> None:
    assert unknown_words("{shaa} {sha} { sha } {} {previous.key}") == ("shaa", " sha ", "", "previous.key")
    assert unknown_words('{"a": 1}') == ()


@given(st.lists(st.sampled_from(Placeholder), max_size=5), st.text(alphabet="abc -", min_size=1, max_size=8))
def test_every_placeholder_is_replaced(words: list[Placeholder], value: str) -> None:
    template = "/".join(f"{{{word}}}" for word in words)
    assert fill((("a", template),), dict.fromkeys(words, value)) == (("a", "/".join([value] * len(words))),)


def test_the_nearest_word() -> None:
    words = ["approvals", "production", "staging"]
    assert nearest("aprovals", words) == "approvals"
    assert nearest("prod", words) == "production"
    assert nearest("PRODUCTION", words) == "production"
    assert nearest("xyz", words) is None
    assert nearest("staging", ["staging"]) is None
    assert did_you_mean("stagng", words) == "did you mean `staging`?"
    assert did_you_mean("xyz", words) == did_you_mean("x", []) == ""


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_the_nearest_word_is_one_of_them(word: str, words: list[str]) -> None:
    found = nearest(word, words)
    assert found is None or (found in words and found != word)


def test_a_word_of_any_length_is_compared_in_a_moment() -> None:
    began = process_time()
    assert nearest("ab" * 19_000, ["a" * 60] * 10) is None
    assert nearest("production", ["a" * 50_000, "production1"]) == "production1"
    assert process_time() - began < 1
