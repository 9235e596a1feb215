"""Deliveries: what is genuine, and what a payload hints at, however odd it is."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hints import Hint
from bot.core.ingress import Outcome
from bot.core.values import sha
from integrations.github.webhooks import Event, heeded, hints, hook

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
VECTOR = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
HEAD = sha("a" * 40)
REPOSITORY = {"full_name": "acme/api", "id": 1}


def signed(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def test_githubs_own_example_is_let_in_under_either_secret() -> None:
    for secrets in ([SECRET], ["the next one", SECRET]):
        assert hook(secrets).refusal({"X-Hub-Signature-256": VECTOR}, BODY) is None


@pytest.mark.parametrize(
    ("given", "raw", "outcome"),
    [
        (VECTOR, BODY + b"!", Outcome.FORGED),
        (VECTOR.removeprefix("sha256="), BODY, Outcome.BAD_SIGNATURE),
        (VECTOR.upper(), BODY, Outcome.BAD_SIGNATURE),
        (VECTOR + " ", BODY, Outcome.BAD_SIGNATURE),
        (VECTOR + "\n", BODY, Outcome.BAD_SIGNATURE),
        ("", BODY, Outcome.BAD_SIGNATURE),
        ("sha256=\udcff", BODY, Outcome.BAD_SIGNATURE),
        ("sha256=" + "é" * 64, BODY, Outcome.BAD_SIGNATURE),
        (VECTOR + "0" * 1_000_000, BODY, Outcome.BAD_SIGNATURE),
        (None, BODY, Outcome.UNSIGNED),
    ],
)
def test_anything_else_is_refused(given: str | None, raw: bytes, outcome: Outcome) -> None:
    headers = {"X-Hub-Signature": "sha1=" + "0" * 40} if given is None else {"X-Hub-Signature-256": given}
    assert hook([SECRET]).refusal(headers, raw) is outcome


def test_a_secret_must_be_one() -> None:
    for secrets in ([], [""], [SECRET, ""]):
        with pytest.raises(ValueError, match="secret"):
            hook(secrets)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=7))
def test_a_changed_bit_is_noticed(raw: bytes, bit: int) -> None:
    changed = bytes([raw[0] ^ (1 << bit)]) + raw[1:] if raw else b"x"
    ours = hook([SECRET])
    assert ours.refusal(signed(raw), raw) is None
    assert ours.refusal(signed(raw), changed) is Outcome.FORGED


@pytest.mark.parametrize(
    ("event", "payload", "hint"),
    [
        ("workflow_run", {"workflow_run": {"id": 7, "head_sha": HEAD}}, Hint("acme/api", "7", HEAD)),
        ("workflow_run", {"workflow_run": {"id": 7, "head_sha": None}}, Hint("acme/api", "7", None)),
        (
            "workflow_job",
            {"workflow_job": {"id": 9, "run_id": 7, "head_sha": HEAD}},
            Hint("acme/api", "7", HEAD, in_passing=True),
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
        (
            "deployment_status",
            {
                "workflow_run": {"id": 7},
                "deployment": {"sha": HEAD, "id": 5, "environment": "live"},
                "deployment_status": {"state": "success"},
            },
            Hint("acme/api", "7", HEAD, landing="5", environment="live"),
        ),
        (
            "deployment_status",
            {
                "deployment": {"sha": HEAD, "id": 5, "environment": "live"},
                "deployment_status": {"state": "failure"},
            },
            Hint("acme/api", None, HEAD),
        ),
        (
            "deployment_review",
            {"action": "approved", "workflow_run": {"id": 7, "head_sha": HEAD}},
            Hint("acme/api", "7", HEAD),
        ),
        (
            "check_run",
            {"action": "completed", "check_run": {"id": 9, "head_sha": HEAD}},
            Hint("acme/api", None, HEAD),
        ),
        (
            "check_suite",
            {"action": "completed", "check_suite": {"id": 9, "head_sha": HEAD}},
            Hint("acme/api", None, HEAD),
        ),
        ("status", {"id": 9, "sha": HEAD, "context": "ci"}, Hint("acme/api", None, HEAD)),
        ("release", {"action": "published", "release": {"id": 9}}, Hint("acme/api", release="9")),
        ("release", {"action": "released", "release": {"id": 9}}, Hint("acme/api", release="9")),
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
        (
            "check_run",
            {"action": "created", "repository": REPOSITORY, "check_run": {"head_sha": HEAD}},
        ),
        ("release", {"repository": REPOSITORY, "action": "edited", "release": {"id": 9}}),
        ("release", {"repository": REPOSITORY, "action": "published", "release": {"id": "9"}}),
        ("pull_request", {"repository": REPOSITORY, "action": "closed", "pull_request": {"merged": True}}),
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
        "release",
        "action",
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
def test_no_payload_is_an_error_and_what_is_not_kept_hints_at_nothing(event: str, payload: object) -> None:
    found = hints(event, payload)
    assert heeded(event, json.dumps(payload).encode()) or not found
    for hint in found:
        assert hint.repository
        assert hint.run is None or (hint.run.isdecimal() and int(hint.run) > 0)
        assert hint.head_sha is None or sha(hint.head_sha)
        assert not hint.release or int(hint.release) > 0


@pytest.mark.parametrize(
    ("event", "body", "kept"),
    [
        ("workflow_job", b'{"action": "queued"}', False),
        ("workflow_job", b'{"action": "waiting"}', True),
        ("check_run", b'{"action": "completed"}', True),
        ("check_run", b'{"action": "created"}', False),
        ("check_suite", b'{"action": "requested"}', False),
        ("release", b'{"action": "published"}', True),
        ("release", b'{"action": "edited"}', False),
        ("push", b"{}", False),
        ("pull_request", b'{"action": "closed"}', False),
        ("check_run", b"no JSON", True),
        pytest.param("check_run", b"[" * 100_000, True, id="deeply nested"),
        ("push", b"{}", False),
        ("", b"{}", False),
    ],
)
def test_only_what_may_lead_to_something_is_kept(event: str, body: bytes, kept: bool) -> None:
    assert heeded(event, body) is kept
