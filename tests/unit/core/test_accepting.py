"""The values people may add: names from a list, typed, the same in every spelling."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.accepting import accept
from bot.core.errors import UserError
from bot.core.pipelines import AcceptedInput, InputType
from tests.fakes.samples import PIPELINE

DEFAULTS = {"log_level": "info", "skip_smoke": "false"}


@pytest.mark.parametrize(
    ("name", "typed", "sent"),
    [
        ("skip_smoke", "true", "true"),
        ("skip_smoke", "YES", "true"),
        ("skip_smoke", "on", "true"),
        ("skip_smoke", "0", "false"),
        ("replicas", "3", "3"),
        ("replicas", "-03", "-3"),
        ("log_level", "debug", "debug"),
        ("note", "any words, even =", "any words, even ="),
        ("note", "", ""),
    ],
)
def test_values_are_typed(name: str, typed: str, sent: str) -> None:
    assert dict(accept(PIPELINE, ((name, typed),))) == DEFAULTS | {name: sent}


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("skip_smoke", "maybe", "true or false"),
        ("replicas", "three", "a whole number"),
        ("replicas", "²", "a whole number"),
        ("replicas", "", "a whole number"),
        ("replicas", "--3", "a whole number"),
        ("replicas", "1" * 5000, "a whole number"),
        ("log_level", "debgu", "Did you mean `debug`?"),
        ("log_level", "DEBUG", "one of info, debug"),
        ("note", "x" * 201, "at most 200 characters"),
    ],
)
def test_other_values_are_refused_with_what_is_right(name: str, typed: str, says: str) -> None:
    with pytest.raises(UserError) as refused:
        accept(PIPELINE, ((name, typed),))
    assert says in str(refused.value)
    assert len(refused.value.what) < 300


def test_an_unknown_name_gets_the_nearest_one_in_its_own_spelling() -> None:
    pipeline = replace(PIPELINE, accepts=(AcceptedInput("LOG_Level", InputType.STRING),))
    with pytest.raises(UserError) as refused:
        accept(pipeline, (("LOG_Levle", "x"),))
    assert refused.value.next == "Did you mean `LOG_Level`?"
    assert "`LOG_Level`" in refused.value.why
    with pytest.raises(UserError, match="takes no inputs"):
        accept(replace(PIPELINE, accepts=()), (("x", "y"),))


def test_a_name_is_given_once_and_what_is_needed_is_given() -> None:
    with pytest.raises(UserError, match="given twice"):
        accept(PIPELINE, (("note", "a"), ("note", "b")))
    needed = replace(PIPELINE, accepts=(AcceptedInput("ticket", InputType.STRING, required=True),))
    with pytest.raises(UserError, match=r"`ticket=\.\.\.`"):
        accept(needed, ())


@given(st.lists(st.tuples(st.sampled_from(["log_level", "note", "replicas", "skip_smoke", "x"]), st.text())))
def test_any_pairs_are_taken_or_refused_in_words(pairs: list[tuple[str, str]]) -> None:
    try:
        sent = accept(PIPELINE, tuple(pairs))
    except UserError as error:
        assert error.what
    else:
        assert sent == tuple(sorted(sent))
        assert set(DEFAULTS) <= set(dict(sent))
