"""Carries a request from aiohttp to a door and the answer back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.core.bodies import read_capped
from bot.core.ingress import TOO_LARGE, Answer, Door, Outcome, Tally
from bot.core.records import Source

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def handler(door: Door, source: Source, tally: Tally, most: int) -> Handler:
    """An aiohttp handler that reads at most so many bytes and asks the door."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await read_capped(request, most)
        if body is None:
            tally.add(source, Outcome.TOO_LARGE)
            return response(TOO_LARGE)
        return response(await door(request.headers, body))

    return handle


def response(answer: Answer) -> web.Response:
    """What aiohttp sends."""
    return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)
