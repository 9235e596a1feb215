"""What looks like a secret is refused, blacked out, and never said again."""

from __future__ import annotations

from time import process_time

import pytest

from bot.core.errors import UserError
from bot.core.secrets import looks_secret, redact, refuse_secrets

A = "Ab1" * 20
# put together here, so that the scan for secrets in tracked files has nothing to find
SECRETS = {
    "github token": "ghp" + "_" + A[:36],
    "github app token": "ghs" + "_" + A[:36],
    "github fine-grained token": "github" + "_pat_" + A,
    "gitlab token": "glpat" + "-" + A[:20],
    "slack bot token": "xoxb" + "-" + "123456789012-abcdefghijkl",
    "slack app token": "xapp" + "-" + "1-A0123456789-abcdef",
    "aws key": "AKIA" + "ABCDEFGH12345678",
    "aws session key": "ASIA" + "ABCDEFGH12345678",
    "json web token": ".".join(["eyJ" + A[:20], "eyJ" + A[:30], A[:20]]),
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA " + "PRIVATE KEY-----",
    "half a private key": "-----BEGIN " + "PRIVATE KEY-----\nMIIEow",
    "address with a password": "postgresql://slipway:" + "hunter2@db.example.com/slipway",
    "fernet key": "a1-_" * 10 + "xyz" + "=",
    "jenkins token": "11" + "0123456789abcdef" * 2,
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("around", ["{}", "token={} please", "because\n{}\n", '"{}"'])
def test_each_shape_is_refused_and_blacked_out(secret: str, around: str) -> None:
    text = around.format(secret)
    assert looks_secret(text)
    with pytest.raises(UserError) as refused:
        refuse_secrets(text)
    told = f"{refused.value} {refused.value.what} {refused.value.why} {refused.value.next}"
    for line in secret.split("\n"):
        assert line not in told
        assert line not in redact(text)
    assert "rotate" in refused.value.next
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "api staging main because fixes checkout",
        "a" * 40,
        "https://example.com/path?x=1",
        "https://example.com:8080/@someone",
        "v1.4.2 log_level=debug",
        "refs/tags/slipway/slw-7-abcdefghij",
        "11 o'clock",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    assert not looks_secret(text)
    refuse_secrets(text)
    assert redact(text) == text


@pytest.mark.parametrize("unit", ["a", "eyJ", "eyJaaaaaaaaaaaa.", "-----BEGIN ", "ghp_", "a://b:", "xox"])
def test_a_long_line_costs_no_more_than_its_length(unit: str) -> None:
    """A log line can be long; doubling it must not take four times as long."""
    short, long = _took(unit, 40_000), _took(unit, 320_000)
    assert long < max(short, 0.002) * 40


def _took(unit: str, length: int) -> float:
    text = unit * (length // len(unit))
    began = process_time()
    looks_secret(text)
    return process_time() - began
