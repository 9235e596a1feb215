"""What `slipway doctor` says about Slack: the token, what it may do, and where it can post."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import NeedsHuman, Transient
from bot.core.findings import Finding, fail, ok, warn
from integrations.slack.calls import answered, call
from integrations.slack.channels import is_shared

INSTALL = "Install the app again with app-manifest.yml."


async def check(
    client: AsyncWebClient,
    needed: Sequence[str],
    optional: Sequence[str],
    channels: Sequence[str],
    audit: str | None = None,
) -> list[Finding]:
    """In the order in which it should be mended; a token that is no good ends it."""
    try:
        answer = await answered(client.auth_test(), repeatable=True)
    except (NeedsHuman, Transient) as error:
        return [fail(f"Slack: {error}", "Check SLACK_BOT_TOKEN and SLACK_API_URL.")]
    found = [ok(f"Slack knows the token: {answer.data.get('user')} in {answer.data.get('team')}.")]
    granted = frozenset(each.strip() for each in answer.headers.get("x-oauth-scopes", "").split(","))
    found += _scopes(granted, needed, optional)
    found += await _channels(client, granted, channels, audit)
    return found


async def check_socket(client: AsyncWebClient, app_token: str) -> Finding:
    """Whether Slack would open a Socket Mode connection; none is made."""
    try:
        await call(client.apps_connections_open(app_token=app_token), repeatable=True)
    except (NeedsHuman, Transient) as error:
        why = error.why or str(error)
        return fail(
            f"Slack opens no Socket Mode connection: {why}",
            "SLACK_APP_TOKEN needs connections:write, and Socket Mode must be on in the app's settings.",
        )
    return ok("Slack opens Socket Mode connections; no public address is needed.")


def _scopes(granted: frozenset[str], needed: Sequence[str], optional: Sequence[str]) -> list[Finding]:
    missing = [scope for scope in needed if scope not in granted]
    absent = [scope for scope in optional if scope not in granted]
    found = [fail(f"The app lacks {', '.join(missing)}.", INSTALL)] if missing else []
    if absent:
        found.append(warn(f"The app does not have {', '.join(absent)}: a post may be repeated.", INSTALL))
    return found or [ok("The app has every scope it can use.")]


async def _channels(
    client: AsyncWebClient, granted: frozenset[str], channels: Sequence[str], audit: str | None
) -> list[Finding]:
    """Whether each channel of the catalog is there and lets us in, and who reads what auditors are told."""
    if "channels:read" not in granted:
        return [warn("The channels of the catalog can't be looked up.", "Grant channels:read to check them.")]
    try:
        listing = client.conversations_list(limit=1000, types="public_channel,private_channel")
        answer = await call(listing, repeatable=True)
    except (NeedsHuman, Transient) as error:
        return [warn(f"The channels can't be listed: {error}", "Try again.")]
    known = {f"#{each['name']}": each for each in answer.get("channels", [])}
    found = [
        _channel(name, name in known and bool(known[name].get("is_member")), name in known, granted)
        for name in channels
    ]
    return found + ([_overheard(audit)] if audit in known and is_shared(known[audit]) else [])


def _overheard(audit: str) -> Finding:
    what = f"{audit} is shared with other organisations: of an emergency only its number is told there."
    return warn(
        what, "Name another `audit_channel:` in slipway.yml, or say `external: true` of what they may know."
    )


def _channel(name: str, member: bool, exists: bool, granted: frozenset[str]) -> Finding:
    if member or (exists and "chat:write.public" in granted):
        return ok(f"Slipway can post in {name}.")
    if exists:
        return fail(f"Slipway is not in {name}.", f"Say /invite @Slipway in {name}.")
    return fail(f"There is no {name} that Slipway can see.", "Correct slipway.yml, or invite Slipway there.")
