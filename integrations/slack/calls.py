"""One call of the Web API, with every failure turned into our own kinds. No retry handlers: we look first."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import (
    Ambiguous,
    BlocksRefused,
    ChannelClosed,
    HistoryClosed,
    NeedsHuman,
    Transient,
    Unanswered,
)

SYSTEM = "Slack"
TIMEOUT = 10

_BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error"})
_SIGN_IN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
_CLOSED = frozenset({"channel_not_found", "is_archived"})
_PLACE = _CLOSED | {"not_in_channel", "restricted_action"}


SlackClient = AsyncWebClient


def make_client(token: str, api_url: str | None, session: aiohttp.ClientSession) -> SlackClient:
    """A client without retries of its own: the default ones post twice after a lost answer."""
    base = api_url or AsyncWebClient.BASE_URL
    return AsyncWebClient(token=token, base_url=base, session=session, timeout=TIMEOUT, retry_handlers=[])


async def call(answer: Awaitable[Any], *, repeatable: bool, where: str = "") -> Mapping[str, Any]:
    """The data of the answer. `repeatable` calls do no harm when they are made twice."""
    data = (await answered(answer, repeatable=repeatable, where=where)).data
    return data if isinstance(data, Mapping) else {}


async def answered(answer: Awaitable[Any], *, repeatable: bool, where: str = "") -> Any:
    """The whole answer, headers too."""
    try:
        return await answer
    except SlackApiError as error:
        raise _refused(error, where, repeatable=repeatable) from error
    except aiohttp.ClientConnectorError as error:
        raise Transient("it can't be reached.", system=SYSTEM) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        kind = Unanswered if repeatable else Ambiguous
        raise kind("the connection broke off.", system=SYSTEM) from error


def _refused(error: SlackApiError, where: str, *, repeatable: bool) -> Exception:
    response = error.response
    status = getattr(response, "status_code", 0)
    headers = getattr(response, "headers", {}) or {}
    data = getattr(response, "data", None)
    code = data.get("error", "") if isinstance(data, Mapping) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Transient("it asks for a pause.", system=SYSTEM, retry_after=pause_of(headers))
    if status >= 500 or code in _BUSY or not code:  # without a code it was not Slack's own answer
        kind = Transient if repeatable else Ambiguous
        return kind(f"it has trouble of its own ({code or status}).", system=SYSTEM)
    if code in ("invalid_blocks", "invalid_blocks_format", "unsupported_block_type"):
        return BlocksRefused(_detail(data))
    if code in _SIGN_IN:
        mend = "An operator can put in a new SLACK_BOT_TOKEN."
        return NeedsHuman("Slack does not accept our token.", f"It says {code}.", mend)
    if code in _PLACE:
        what = f"Nothing can be posted in {where or 'that channel'}."
        mend = "Open it again, or use another." if code == "is_archived" else "Invite Slipway there."
        refusal = ChannelClosed if code in _CLOSED else NeedsHuman
        return refusal(what, f"Slack says {code}.", mend)
    if code == "missing_scope":
        needed = data.get("needed", "") if isinstance(data, Mapping) else ""
        mend = "Install the app again with app-manifest.yml."
        return NeedsHuman("Slipway lacks a right in Slack.", f"It needs {needed}.", mend)
    return NeedsHuman("Slack refused a call.", f"It says {code or status}.", "The log has the details.")


def lacks_scope(error: NeedsHuman) -> bool:
    """Whether Slack refused because nobody granted us this right."""
    cause = error.__cause__
    return isinstance(cause, SlackApiError) and cause.response.get("error") == "missing_scope"


def pause_of(headers: Mapping[str, str]) -> float:
    """How many seconds Slack wants to be left alone."""
    given = headers.get("Retry-After", headers.get("retry-after", ""))
    return float(given) if given.isascii() and given.isdigit() else 1.0


def _detail(data: object) -> str:
    if isinstance(data, Mapping):
        messages = data.get("response_metadata", {}).get("messages", [])
        return "; ".join(str(each) for each in messages) or str(data.get("error"))
    return "blocks refused"


def closed(error: NeedsHuman) -> HistoryClosed:
    """The reading of history is optional: without the right to it, we wait and mark the repeat."""
    return HistoryClosed(str(error))
