"""Every way a call can fail, as one of our own errors."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
import requests
from github import BadAttributeException, GithubException
from github.Requester import Requester
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from bot.core.errors import Ambiguous, Bug, NeedsHuman, SlipwayError, Transient, UserError
from integrations.github.clients import only_reads
from integrations.github.errors import Call, RateLimited, translate

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
READ = Call("acme/api", "read the branch")
WRITE = Call("acme/api", "start deploy.yml", "actions: write", writes=True)
UNSENT = NewConnectionError(None, "refused")  # type: ignore[arg-type]


def retried(reason: Exception) -> MaxRetryError:
    return MaxRetryError(None, "/", reason)  # type: ignore[arg-type]


def refusal(status: int, message: str = "", **headers: str) -> GithubException:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Requester.createException(status, given, {"message": message})


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectTimeout(retried(ConnectTimeoutError("slow"))),
        requests.ConnectionError(retried(UNSENT)),
        requests.exceptions.ProxyError(retried(ProxyError("no way", UNSENT))),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_what_was_never_sent_is_transient(error: Exception, call: Call) -> None:
    assert type(translate(error, call, NOW)) is Transient


LOST = [
    requests.ReadTimeout(ReadTimeoutError(None, "/", "slow")),  # type: ignore[arg-type]
    requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())),
    requests.exceptions.ChunkedEncodingError(ProtocolError("half")),
    requests.exceptions.SSLError(retried(SSLError("EOF occurred in violation of protocol"))),
    requests.exceptions.ProxyError(retried(ProxyError("gone", OSError("reset")))),
    requests.RequestException(),
    refusal(500),
    refusal(502, "Server Error"),
    refusal(503, retry_after="7"),
    refusal(408),
    ValueError("no JSON"),
    KeyError("id"),
    AttributeError("'NoneType' object has no attribute 'message'"),
    BadAttributeException("x", (str, str), None),
]


@pytest.mark.parametrize("error", LOST, ids=lambda error: f"{type(error).__name__}-{str(error)[:20]}")
def test_a_lost_answer_is_ambiguous_for_a_write_alone(error: Exception) -> None:
    assert type(translate(error, READ, NOW)) is Transient
    assert type(translate(error, WRITE, NOW)) is Ambiguous


def test_an_error_that_names_a_time_keeps_it() -> None:
    lost = translate(refusal(503, retry_after="7"), WRITE, NOW)
    assert isinstance(lost, Ambiguous)
    assert lost.retry_after == 7


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (refusal(429), 60),
        (refusal(429, retry_after="12"), 12),
        (refusal(429, retry_after="Fri, 20 Nov 2026 12:01:30 GMT"), 90),
        (refusal(429, retry_after="nonsense"), 60),
        (refusal(429, retry_after="99999999"), 3_600),
        (refusal(429, retry_after="0"), 1),
        (refusal(403, "You have exceeded a secondary rate limit. Wait.", retry_after="30"), 30),
        (refusal(403, "You have exceeded a secondary rate limit. Wait."), 60),
        (refusal(403, "API rate limit exceeded for user ID 1."), 60),
        (refusal(403, "no", x_ratelimit_remaining="0", x_ratelimit_reset=str(int(NOW.timestamp()) + 40)), 41),
    ],
    ids=str,
)
@pytest.mark.parametrize("call", [READ, WRITE], ids=["read", "write"])
def test_a_rate_limit_did_nothing_and_says_how_long(error: Exception, wait: float, call: Call) -> None:
    limited = translate(error, call, NOW)
    assert isinstance(limited, RateLimited)
    assert not isinstance(limited, Ambiguous)
    assert limited.retry_after == wait


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refusal(401, "Bad credentials"), "GITHUB_TOKEN"),
        (refusal(403, "Resource not accessible by integration"), "actions: write"),
        (refusal(403, "No", x_accepted_github_permissions="contents=write; x=y"), "contents: write"),
        (
            refusal(403, "No", x_accepted_oauth_scopes="repo, public_repo", x_oauth_scopes="gist"),
            "scope repo",
        ),
        (refusal(403, "No", x_accepted_oauth_scopes="repo", x_oauth_scopes="repo"), "actions: write"),
        (refusal(403, "Resource protected", x_github_sso="required; url=x"), "single sign-on"),
        (refusal(403, "Repository was archived so is read-only."), "Unarchive"),
        (refusal(404, "Not Found"), "acme/api"),
        (refusal(307, "Moved"), "renamed"),
        (refusal(410, "Gone away"), "Gone away"),
        (refusal(451, "Blocked"), "Blocked"),
        (refusal(422, "Odd"), "Odd"),
        (RuntimeError("Github server redirected from host a to b"), "GITHUB_API_URL"),
    ],
    ids=str,
)
def test_a_refusal_says_what_to_do(error: Exception, words: str) -> None:
    mine = translate(error, WRITE, NOW)
    assert isinstance(mine, NeedsHuman)
    assert words in str(mine)
    assert mine.next or mine.why


def test_a_certificate_that_is_not_trusted_needs_a_person() -> None:
    inner = SSLError(ssl.SSLCertVerificationError("self-signed"))
    mine = translate(requests.exceptions.SSLError(retried(inner)), WRITE, NOW)
    assert isinstance(mine, NeedsHuman)
    assert "certificate" in mine.why


def test_our_own_errors_pass_and_our_own_mistakes_are_bugs() -> None:
    mine = UserError("what")
    assert translate(mine, READ, NOW) is mine
    assert isinstance(translate(ZeroDivisionError(), READ, NOW), Bug)


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_is_one_of_our_errors(status: int) -> None:
    assert isinstance(translate(refusal(status, "x"), WRITE, NOW), SlipwayError)


def test_a_hostile_message_is_bounded() -> None:
    assert len(str(translate(refusal(422, "x" * 100_000), WRITE, NOW))) < 700


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(None, "/", "slow"),  # type: ignore[arg-type]
        ProtocolError("reset"),
        SSLError("EOF occurred in violation of protocol"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_broken_call_is_ever_sent_again_by_post(error: Exception) -> None:
    with pytest.raises((ReadTimeoutError, ProtocolError, MaxRetryError)):
        only_reads().increment("POST", "/", error=error)


@pytest.mark.parametrize("status", [403, 413, 429, 500, 502, 503, 504])
def test_no_status_makes_us_send_a_post_again(status: int) -> None:
    assert not only_reads().is_retry("POST", status, has_retry_after=True)


def test_a_wait_that_github_asks_for_is_not_slept_in_the_thread() -> None:
    assert not only_reads().is_retry("GET", 429, has_retry_after=True)
    assert not only_reads().is_retry("GET", 403, has_retry_after=True)
    assert only_reads().is_retry("GET", 502)
