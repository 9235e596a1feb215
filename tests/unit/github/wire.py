"""The smallest GitHub there is: answers that a test wrote, and the requests as they came in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.playground.clock import WallClock
from integrations.github.factory import GitHub, Token, build


@dataclass(frozen=True)
class Say:
    """One answer."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Wire:
    """Answers wait in a queue for each method, or method and path; the last one stays."""

    github: GitHub
    answers: dict[str, list[Say]] = field(default_factory=dict)
    seen: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)

    def say(self, method: str, *answers: Say) -> None:
        self.answers[method] = list(answers)

    def sent(self, method: str) -> list[Any]:
        """The bodies that came in by this method."""
        return [body for verb, _, _, body in self.seen if verb == method]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        self.seen.append((request.method, request.path_qs, request.headers, json.loads(raw) if raw else None))
        waiting = self.answers.get(f"{request.method} {request.path}") or self.answers[request.method]
        now = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(now.body, bytes):
            return web.Response(status=now.status, body=now.body, headers=now.headers)
        text = now.body if isinstance(now.body, str) else json.dumps(now.body) if now.body is not None else ""
        return web.Response(status=now.status, text=text, headers=now.headers)


@asynccontextmanager
async def wire() -> AsyncIterator[Wire]:
    """Listening on loopback, with an adapter that calls it."""
    app = web.Application()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    made: list[Wire] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        return await made[0].handle(request)

    app.router.add_route("*", "/{path:.*}", handle)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    github = build(Token("ghp_unit"), WallClock(), api_url=url, timeout=2, pause_between_writes=None)
    made.append(Wire(github))
    try:
        yield made[0]
    finally:
        await github.close()
        await runner.cleanup()
