"""How much a request may hold, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

SLACK_BYTES = 1024 * 1024
WEBHOOK_BYTES = 25 * 1024 * 1024  # what GitHub sends at most
ALERT_BYTES = 4 * 1024 * 1024  # some thousands of alerts

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`; a page may have set its own."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
