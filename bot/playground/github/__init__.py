"""A stand-in for GitHub that real clients can talk to."""

from __future__ import annotations

from bot.playground.github.auth import AppIdentity, AppKey
from bot.playground.github.names import ActName, Conclusion, Status, WebhookMode, Where
from bot.playground.github.server import GitHubStandIn

__all__ = [
    "ActName",
    "AppIdentity",
    "AppKey",
    "Conclusion",
    "GitHubStandIn",
    "Status",
    "WebhookMode",
    "Where",
]
