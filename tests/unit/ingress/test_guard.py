"""Every odd request that is known to upset a signature check, and what ours says to it."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ingress import Outcome
from bot.slack.guard import Guard
from tests.unit.ingress.signing import NOW, SECRET, command, slack_headers

BODY = command()


def guard(*secrets: str, now: float = NOW) -> Guard:
    return Guard(secrets or (SECRET,), lambda: now)


def test_a_signed_request_is_let_in() -> None:
    assert guard().refusal(slack_headers(BODY), BODY) is None


def test_slacks_own_example_is_let_in() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
        b"96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    assert guard("8f742231b10e8888abcd99yyyzzz85a5", now=1531420618).refusal(headers, body) is None


def test_a_forged_signature_is_refused() -> None:
    headers = slack_headers(BODY, secret="another")
    assert guard().refusal(headers, BODY) is Outcome.FORGED


def test_one_changed_byte_is_refused() -> None:
    assert guard().refusal(slack_headers(BODY), BODY + b" ") is Outcome.FORGED


@pytest.mark.parametrize("missing", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_a_missing_header_is_refused(missing: str) -> None:
    headers = slack_headers(BODY)
    del headers[missing]
    assert guard().refusal(headers, BODY) is Outcome.UNSIGNED


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "soon",
        "-100000000",
        "1e9",
        "177000000",
        "9" * 400,
        "１７７０００００００",
        "1770000000\n",
        " 1770000000",
    ],
)
def test_a_timestamp_that_is_none_is_refused_without_an_error(timestamp: str) -> None:
    assert guard().refusal(slack_headers(BODY, at=timestamp), BODY) is Outcome.BAD_TIMESTAMP


@pytest.mark.parametrize(
    ("age", "refusal"), [(300, None), (301, Outcome.STALE), (-300, None), (-301, Outcome.STALE)]
)
def test_the_window_is_five_minutes_both_ways(age: int, refusal: Outcome | None) -> None:
    assert guard().refusal(slack_headers(BODY, at=NOW - age), BODY) is refusal


@pytest.mark.parametrize(
    "signature", ["", "v0=", "v0=é" + "a" * 63, "v1=" + "a" * 64, "v0=" + "A" * 64, "a" * 67]
)
def test_a_signature_that_is_none_is_refused_without_an_error(signature: str) -> None:
    headers = {**slack_headers(BODY), "X-Slack-Signature": signature}
    assert guard().refusal(headers, BODY) is Outcome.BAD_SIGNATURE


def test_a_body_that_is_not_utf8_is_checked_as_bytes() -> None:
    body = b"\xff\xfe\x00payload=%FF"
    assert guard().refusal(slack_headers(body), body) is None


def test_both_secrets_work_while_one_is_replaced() -> None:
    rotating = guard("old", "new")
    assert rotating.refusal(slack_headers(BODY, secret="old"), BODY) is None
    assert rotating.refusal(slack_headers(BODY, secret="new"), BODY) is None
    assert guard("new").refusal(slack_headers(BODY, secret="old"), BODY) is Outcome.FORGED


@pytest.mark.parametrize("secrets", [(), ("",), ("good", "")])
def test_no_secret_is_no_guard(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Guard(secrets, lambda: NOW)


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    real = hmac.compare_digest

    def recording(a: str, b: str) -> bool:
        compared.append(a)
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", recording)
    guard("old", "new").refusal(slack_headers(BODY, secret="old"), BODY)
    assert len(compared) == 2  # the second secret is tried although the first one matched


@given(st.text(), st.text(), st.binary())
def test_it_answers_whatever_it_is_given(timestamp: str, signature: str, body: bytes) -> None:
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
    assert guard().refusal(headers, body) is not None
