"""Deliveries: what is genuine, and what a payload hints at, however odd it is."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hints import Hint
from bot.core.values import sha
from integrations.github.webhooks import MAX_BODY, Event, Signed, hints, verify

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
VECTOR = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
HEAD = sha("a" * 40)
REPOSITORY = {"full_name": "acme/api", "id": 1}


def headers(signature: str = VECTOR) -> dict[str, str]:
    return {"X-Hub-Signature-256": signature, "X-GitHub-Event": "ping", "X-GitHub-Delivery": "72d3162e"}


def signed(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    return headers("sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest())


def test_githubs_own_example_is_genuine() -> None:
    assert verify(SECRET, headers(), BODY) == Signed("ping", "72d3162e", VECTOR)
    assert verify(SECRET, {name.lower(): value for name, value in headers().items()}, BODY)


@pytest.mark.parametrize(
    ("secret", "given_headers", "raw"),
    [
        (SECRET, headers(), BODY + b"!"),
        (SECRET + "x", headers(), BODY),
        ("", signed(BODY, ""), BODY),
        (SECRET, headers(VECTOR.removeprefix("sha256=")), BODY),
        (SECRET, headers(VECTOR.upper()), BODY),
        (SECRET, headers(VECTOR + " "), BODY),
        (SECRET, headers(""), BODY),
        (SECRET, headers("sha256=\udcff"), BODY),
        (SECRET, headers("sha256=" + "é" * 64), BODY),
        (SECRET, headers(VECTOR + "0" * 1_000_000), BODY),
        (SECRET, {"X-Hub-Signature": "sha1=" + "0" * 40, **headers("")}, BODY),
        (SECRET, {k: v for k, v in headers().items() if k != "X-GitHub-Event"}, BODY),
        (SECRET, {k: v for k, v in headers().items() if k != "X-GitHub-Delivery"}, BODY),
        (SECRET, {**headers(), "X-GitHub-Delivery": "x" * 1_000}, BODY),
        (SECRET, {}, BODY),
    ],
)
def test_anything_else_is_not(secret: str, given_headers: dict[str, str], raw: bytes) -> None:
    assert verify(secret, given_headers, raw) is None


def test_a_body_over_githubs_own_limit_is_not_even_hashed() -> None:
    raw = b"x" * (MAX_BODY + 1)
    assert verify(SECRET, signed(raw), raw) is None
    assert verify(SECRET, signed(raw[:-1]), raw[:-1]) is not None


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=7))
def test_a_changed_bit_is_noticed(raw: bytes, bit: int) -> None:
    changed = bytes([raw[0] ^ (1 << bit)]) + raw[1:] if raw else b"x"
    assert verify(SECRET, signed(raw), raw) is not None
    assert verify(SECRET, signed(raw), changed) is None


@pytest.mark.parametrize(
    ("event", "payload", "hint"),
    [
        ("workflow_run", {"workflow_run": {"id": 7, "head_sha": HEAD}}, Hint("acme/api", "7", HEAD)),
        ("workflow_run", {"workflow_run": {"id": 7, "head_sha": None}}, Hint("acme/api", "7", None)),
        (
            "workflow_job",
            {"workflow_job": {"id": 9, "run_id": 7, "head_sha": HEAD}},
            Hint("acme/api", "7", HEAD),
        ),
        (
            "deployment_status",
            {"workflow_run": {"id": 7}, "deployment": {"sha": HEAD}},
            Hint("acme/api", "7", HEAD),
        ),
        (
            "deployment_status",
            {"workflow_run": None, "deployment": {"sha": HEAD}},
            Hint("acme/api", None, HEAD),
        ),
        ("deployment_protection_rule", {"deployment": {"sha": HEAD}}, Hint("acme/api", None, HEAD)),
    ],
)
def test_a_delivery_names_what_to_read_again(event: str, payload: dict[str, Any], hint: Hint) -> None:
    assert hints(event, {**payload, "repository": REPOSITORY}) == (hint,)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("ping", {"repository": REPOSITORY, "workflow_run": {"id": 7}}),
        ("push", {"repository": REPOSITORY, "after": HEAD}),
        ("workflow_run", {"workflow_run": {"id": 7}}),
        ("workflow_run", {"repository": {"full_name": None}, "workflow_run": {"id": 7}}),
        ("workflow_run", {"repository": REPOSITORY, "workflow_run": None}),
        ("workflow_run", {"repository": REPOSITORY, "workflow_run": {"id": True, "head_sha": "main"}}),
        ("workflow_run", {"repository": REPOSITORY, "workflow_run": {"id": "7", "head_sha": HEAD.upper()}}),
        ("workflow_run", None),
        ("workflow_run", []),
    ],
)
def test_what_says_nothing_hints_at_nothing(event: str, payload: object) -> None:
    assert hints(event, payload) == ()


names = st.sampled_from(
    [
        "repository",
        "full_name",
        "workflow_run",
        "workflow_job",
        "deployment",
        "id",
        "run_id",
        "head_sha",
        "sha",
    ]
)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | st.just(HEAD)
payloads = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=25,
)


@given(st.sampled_from([*Event, "ping", ""]), payloads)
def test_no_payload_is_an_error(event: str, payload: object) -> None:
    for hint in hints(event, payload):
        assert hint.repository
        assert hint.run is None or (hint.run.isdecimal() and int(hint.run) > 0)
        assert hint.head_sha is None or sha(hint.head_sha)
