"""Carries a request from aiohttp to a door and the answer back."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import HttpVersion11, web

from bot.core.ingress import TOO_LARGE, Answer, Door, Outcome, Tally
from bot.core.records import Source
from bot.web.limits import SECURITY_HEADERS, read_capped

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Rendered(web.StreamResponse):
    """An answer that was made into bytes before. Making it anew costs more than everything else we do."""

    def __init__(self, whole: bytes) -> None:
        super().__init__()
        self.force_keep_alive()
        self._whole = whole

    def force_keep_alive(self) -> None:
        """The connection stays open."""
        self._keep_alive = True

    async def prepare(self, request: web.BaseRequest) -> None:
        """Everything goes out at once."""
        if request.transport is None:
            raise ConnectionResetError
        request.transport.write(self._whole)

    async def write_eof(self, data: bytes = b"") -> None:
        """It is out already."""


def handler(door: Door, source: Source, tally: Tally, most: int) -> Handler:
    """An aiohttp handler that reads at most so many bytes and asks the door."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await read_capped(request, most)
        if body is None:
            tally.add(source, Outcome.TOO_LARGE)
            return _response(TOO_LARGE)
        answer = await door(request.headers, body)
        if request.keep_alive and request.version == HttpVersion11:
            return _rendered(answer, int(time.time()))
        return _response(answer)

    return handle


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)


@lru_cache(maxsize=8)
def _rendered(answer: Answer, now: int) -> Rendered:
    """The same for everybody who gets this answer in this second."""
    headers = {
        **SECURITY_HEADERS,
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Date": formatdate(now, usegmt=True),
    }
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return Rendered("\r\n".join((*lines, "", "")).encode() + answer.body)
