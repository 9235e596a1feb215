"""Our canonical JSON is RFC 8785's, held against an implementation of somebody else's."""

from __future__ import annotations

import json
from dataclasses import replace

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bot.core.request import Canonical, DeployRequest, canonical_json
from tests.fakes.samples import frozen

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
INTS = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
VALUES: st.SearchStrategy[Canonical] = st.recursive(
    st.none() | st.booleans() | INTS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_canonical_form_is_that_of_rfc_8785(value: Canonical) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(VALUES)
def test_nothing_is_lost(value: Canonical) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(KEYS, TEXT), TEXT, TEXT, st.booleans())
def test_a_request_survives_the_way_through_the_store(
    inputs: dict[str, str], service: str, ref: str, emergency: bool
) -> None:
    made = frozen().request
    assert made is not None
    sent = tuple(sorted(inputs.items()))
    before = replace(made, inputs=sent, service=service, asked_ref=ref, emergency=emergency)
    assert DeployRequest.read(json.loads(canonical_json(before.canonical()))) == before
