"""The digest: one number for everything that will be dispatched."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.request import Canonical, DeployRequest, NotCanonical, canonical_json, differences, digest_of
from bot.core.values import Action, Kind, operation_key
from tests.fakes.samples import NOON, SHA_B, frozen

CHANGED: dict[str, Any] = {
    "workspace": "T2",
    "key": operation_key("slw-8-abcdefghij"),
    "kind": Kind.ROLLBACK,
    "action": Action.ANSWER_GATE,
    "service": "web",
    "environment": "production",
    "provider": "gitlab",
    "repository": "acme/web",
    "repository_id": 8,
    "workflow": "other.yml",
    "start": "gate",
    "pin": "check",
    "asked_ref": "v1",
    "release_sha": SHA_B,
    "dispatch_ref": "refs/heads/other",
    "workflow_sha": SHA_B,
    "inputs": (("version", "1"),),
    "policy_version": "p2",
    "requester": "U9",
    "emergency": True,
    "nonce": "n2",
    "expires_at": NOON,
    "awaits": "github:acme/api:101#1",
}


def request() -> DeployRequest:
    made = frozen().request
    assert made is not None
    return made


def test_every_field_is_in_the_table_above() -> None:
    assert set(CHANGED) == {field.name for field in fields(DeployRequest)}


@pytest.mark.parametrize("name", CHANGED)
def test_the_digest_changes_with_every_field(name: str) -> None:
    before = request()
    after = replace(before, **{name: CHANGED[name]})
    assert after.digest() != before.digest()
    assert differences(before, after) == (name,)


def test_the_digest_is_the_same_for_the_same_request() -> None:
    assert request().digest() == request().digest()
    assert len(request().digest()) == 64


def test_differences_are_in_the_order_of_the_class() -> None:
    before = request()
    after = replace(before, nonce="x", workspace="T2", release_sha=SHA_B)
    assert differences(before, after) == ("workspace", "release_sha", "nonce")
    assert differences(before, before) == ()


@pytest.mark.parametrize("expires_at", [None, NOON, NOON + timedelta(microseconds=1)])
def test_a_request_is_read_back_from_what_the_store_keeps(expires_at: Any) -> None:
    before = replace(request(), expires_at=expires_at)
    read = DeployRequest.read(json.loads(canonical_json(before.canonical())))
    assert read == before
    assert read.digest() == before.digest()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        {"a": 0.5},
        2**53,
        -(2**53),
        "lone \ud800 surrogate",
        ["\udfff"],
        {"ключ": 1},
        {1: "number as a key"},
        b"bytes",
        (1, 2),
        {"a": {1, 2}},
    ],
)
def test_values_without_one_canonical_form_are_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


@pytest.mark.parametrize("value", [2**53 - 1, -(2**53) + 1, True, None, "", [], {}, {"a": [None, "é\u2028"]}])
def test_the_edges_have_a_digest(value: Canonical) -> None:
    assert json.loads(canonical_json(value)) == value
    assert len(digest_of(value)) == 64


def test_true_is_not_one() -> None:
    assert digest_of(True) != digest_of(1)
