"""aiohttp handlers that check the signature, and for Slack parse the form; they keep nothing."""

from __future__ import annotations

import hashlib
import hmac
import time
from contextlib import AsyncExitStack
from urllib.parse import parse_qsl

from aiohttp import web

from tests.bench.contestants.stage import perform, serve
from tests.bench.requests import GITHUB_PATH, SECRET, SLACK_PATH

KEY = SECRET.encode()


async def slack(request: web.Request) -> web.StreamResponse:
    """Verify, parse, answer."""
    body = await request.read()
    timestamp = request.headers["X-Slack-Request-Timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        return web.Response(status=401)
    message = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(KEY, message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Slack-Signature"]):
        return web.Response(status=401)
    fields = dict(parse_qsl(body.decode()))
    return web.Response(status=200 if "command" in fields else 400)


async def github(request: web.Request) -> web.StreamResponse:
    """Verify, answer."""
    body = await request.read()
    expected = "sha256=" + hmac.new(KEY, body, hashlib.sha256).hexdigest()
    right = hmac.compare_digest(expected, request.headers["X-Hub-Signature-256"])
    return web.Response(status=200 if right else 401)


async def start(around: AsyncExitStack) -> int:
    """Both addresses."""
    return await serve({SLACK_PATH: slack, GITHUB_PATH: github}, around)


if __name__ == "__main__":
    perform(start)
