"""What GitHub's answers and silences mean to us: every way a call can fail, as one of our own errors.

The line that matters most: a write whose answer is lost is Ambiguous, never merely Transient.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests
import urllib3.exceptions
from github import BadAttributeException, GithubException, RateLimitExceededException
from github.Requester import Requester

from bot.core.errors import Ambiguous, Bug, NeedsHuman, SlipwayError, Transient

logger = logging.getLogger(__name__)

SYSTEM = "GitHub"
# GitHub asks for at least a minute of quiet when it names no time.
DEFAULT_WAIT, LONGEST_WAIT = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Call:
    """What we are about to do, in words that complete "GitHub did not let us ..."."""

    repository: str
    doing: str
    needs: str = "contents: read"  # the permission, as the settings page of a token names it
    writes: bool = False


class RateLimited(Transient):
    """GitHub asks for quiet; nothing took effect, and nothing may be sent to it before `retry_after`."""


def status_of(error: GithubException) -> int:
    """The HTTP status of a refusal."""
    return int(error.status)


def message_of(error: GithubException) -> str:
    """GitHub's own sentence, with what it lists under `errors`; bounded, for it may end in a message."""
    data = error.data if isinstance(error.data, dict) else {}
    parts = [data.get("message"), *(_detail(each) for each in data.get("errors") or ())]
    return " ".join(str(part).strip() for part in parts if part)[:500]


def _detail(entry: object) -> str:
    return str(entry.get("message") or "") if isinstance(entry, dict) else str(entry)


def translate(error: Exception, call: Call, now: datetime) -> SlipwayError:
    """The error of ours that says the same; total over whatever PyGithub and requests raise."""
    match error:
        case SlipwayError():
            return error
        case GithubException():
            return _refusal(error, call, now)
        case requests.RequestException():
            return _silence(error, call)
        case BadAttributeException() | ValueError() | TypeError() | LookupError() | AttributeError():
            # A proxy's page or a null where an object should be: PyGithub hands both on as they are.
            logger.warning("GitHub's answer was not understood: %s", call, exc_info=error)
            return _lost(call, "GitHub's answer could not be understood")
        case RuntimeError():  # PyGithub's word for a redirect to another host or protocol
            return _wrong_address(str(error))
        case _:
            return Bug(f"{type(error).__name__} while trying to {call.doing}: {error}")


def _lost(call: Call, why: str, retry_after: float | None = None) -> Transient:
    kind = Ambiguous if call.writes else Transient
    return kind(f"{why} (while trying to {call.doing}).", system=SYSTEM, retry_after=retry_after)


def _silence(error: requests.RequestException, call: Call) -> SlipwayError:
    reason = _reason(error)
    if isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, urllib3.exceptions.ConnectTimeoutError
    ):
        return Transient("GitHub cannot be reached.", system=SYSTEM)
    if isinstance(reason, urllib3.exceptions.SSLError) and _untrusted(reason):
        return _wrong_address("its certificate is not trusted")
    if isinstance(error, requests.Timeout):
        return _lost(call, "GitHub did not answer in time")
    return _lost(call, "The connection to GitHub broke off")


def _reason(error: requests.RequestException) -> object:
    """What lies under it: urllib3 says whether the request can have left."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return reason.original_error if isinstance(reason, urllib3.exceptions.ProxyError) else reason


def _untrusted(error: urllib3.exceptions.SSLError) -> bool:
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in error.args)


def _wrong_address(why: str) -> NeedsHuman:
    return NeedsHuman(
        "GitHub's API is not where we were told.", f"{why}.", "Check GITHUB_API_URL and run `slipway doctor`."
    )


def _refusal(error: GithubException, call: Call, now: datetime) -> SlipwayError:
    status = status_of(error)
    if _is_rate_limit(error):
        wait = _wait(error, now) or DEFAULT_WAIT
        return RateLimited("GitHub asks us to slow down.", system=SYSTEM, retry_after=wait)
    if status >= 500 or status == HTTPStatus.REQUEST_TIMEOUT:
        return _lost(call, f"GitHub answered with error {status}", _wait(error, now))
    if 300 <= status < 400:
        return _moved(call)
    if status == HTTPStatus.UNAUTHORIZED:
        return NeedsHuman(
            f"GitHub did not accept our credentials, so we could not {call.doing}.",
            "The token is wrong, expired or revoked.",
            "Set a new GITHUB_TOKEN or App key and run `slipway doctor`.",
        )
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(error, call)
    if status == HTTPStatus.NOT_FOUND:
        return not_found(call)
    return NeedsHuman(f"GitHub refused to {call.doing}.", f"It says: {message_of(error) or status}.")


def _is_rate_limit(error: GithubException) -> bool:
    if status_of(error) == HTTPStatus.TOO_MANY_REQUESTS or isinstance(error, RateLimitExceededException):
        return True
    headers = error.headers or {}
    return status_of(error) == HTTPStatus.FORBIDDEN and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or Requester.isRateLimitError(message_of(error))
    )


def _wait(error: GithubException, now: datetime) -> float | None:
    headers = error.headers or {}
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after:
        return _bounded(float(after) if after.isdecimal() else _until(after, now))
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return _bounded(float(reset) - now.timestamp() + 1)
    return None


def _until(http_date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(http_date)
    except ValueError:
        return DEFAULT_WAIT
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _bounded(seconds: float) -> float:
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _moved(call: Call) -> NeedsHuman:
    return NeedsHuman(
        f"We could not {call.doing}.",
        f"{call.repository} was renamed or moved; GitHub points elsewhere, and nothing was done.",
        "Put its new name into slipway.yml.",
    )


def not_found(call: Call) -> NeedsHuman:
    """GitHub says 404 for what does not exist and for what we may not see."""
    return NeedsHuman(
        f"We could not {call.doing}.",
        f"GitHub does not show it in {call.repository}: it does not exist, or our token may not see it.",
        f"Check the names in slipway.yml, and that the token has {call.needs} on {call.repository}.",
    )


def _forbidden(error: GithubException, call: Call) -> NeedsHuman:
    what = f"GitHub did not let us {call.doing} in {call.repository}."
    headers = error.headers or {}
    said = f"It says: {message_of(error) or 'Forbidden'}."
    if "x-github-sso" in headers:
        return NeedsHuman(
            what, "The organisation asks for single sign-on.", "Authorise the token for it, then retry."
        )
    if "archived" in message_of(error).lower():
        return NeedsHuman(what, "The repository is archived.", "Unarchive it, or take it out of slipway.yml.")
    return NeedsHuman(what, said, f"Give the token {_missing(headers, call)}, then run `slipway doctor`.")


def _missing(headers: dict[str, str], call: Call) -> str:
    """The permission GitHub asks for, as it names it itself, else the one we know the call needs."""
    accepted = headers.get("x-accepted-github-permissions", "")
    if accepted:
        return "the permission " + accepted.split(";")[0].strip().replace("=", ": ")
    have = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    wanted = [
        scope.strip() for scope in headers.get("x-accepted-oauth-scopes", "").split(",") if scope.strip()
    ]
    if wanted and not have.intersection(wanted):
        return f"the scope {' or '.join(wanted)}"
    return f"the permission {call.needs}"
