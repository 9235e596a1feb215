"""The small gate beside the big one: takes the plain requests of Slack and GitHub, which are nearly all.

A plain request comes in one piece, to the exact address of a door, with its length and nothing unusual. It is
read, passed to the door and answered right here, at a third of the cost. With anything else the connection is
handed to aiohttp, bytes and all, and stays there: what is doubtful, aiohttp decides.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import cast

from multidict import CIMultiDict

from bot.core.ingress import Answer, Door
from bot.web.limits import SECURITY_HEADERS

logger = logging.getLogger(__name__)

IDLE_SECONDS = 75.0
MOST_HEADERS = 64
_LENGTH = re.compile(r"[0-9]{1,7}")
_HEADER = re.compile(r"([A-Za-z0-9-]+): ([\x20-\x7e]*)")
# Whoever sends one of these wants more than a plain answer, or frames the body in another way.
_UNUSUAL = frozenset({"connection", "transfer-encoding", "content-encoding", "expect", "upgrade", "trailer"})
_BROKEN = Answer(500, b"Something is wrong on our side. It was written to the log.")


@dataclass(frozen=True, slots=True)
class Plain:
    """A request that needs no more understanding."""

    door: Door
    headers: CIMultiDict[str]
    body: bytes


def read_plain(data: bytes, doors: Mapping[str, Door]) -> Plain | None:
    """The one request that these bytes are from end to end, if it is plain."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end or not head.isascii():
        return None
    first, *lines = head.decode("ascii").split("\r\n")
    door = doors.get(first)
    if door is None or len(lines) > MOST_HEADERS:
        return None
    pairs = [(match[1], match[2]) for line in lines if (match := _HEADER.fullmatch(line))]
    headers = CIMultiDict(pairs)
    names = {name.lower() for name, _ in pairs}
    if len(names) < len(lines) or not names.isdisjoint(_UNUSUAL):  # one is odd, or there twice
        return None
    length = headers.get("Content-Length", "")
    if "host" not in names or not _LENGTH.fullmatch(length) or int(length) != len(body):
        return None
    return Plain(door, headers, body)


class Wicket(asyncio.Protocol):
    """One connection, as long as nothing but plain requests come over it, one after the other."""

    _transport: asyncio.Transport

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._answering: asyncio.Task[None] | None = None
        self._early = b""  # what came before the answer went
        self._last = gate.loop.time()
        self._timer = gate.loop.call_later(IDLE_SECONDS, self._close_when_idle)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember it, so that it can be closed."""
        self._transport = cast(asyncio.Transport, transport)
        self._gate.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio calls it so
        """The other side is gone. What is under way goes on: it may be committed already."""
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Answer a plain request; hand everything else over."""
        if self._answering is not None:
            self._early += data
            self._transport.pause_reading()
            return
        plain = read_plain(data, self._gate.doors)
        if plain is None:
            self._hand_over(data)
        else:
            self._answering = self._gate.loop.create_task(self._answer(plain))

    async def finish(self) -> None:
        """Let what is under way be answered, then close."""
        if self._answering is not None:
            await asyncio.wait((self._answering,))
        if self in self._gate.open:
            self._transport.close()

    async def _answer(self, plain: Plain) -> None:
        try:
            answer = await plain.door(plain.headers, plain.body)
        except Exception:
            logger.exception("a door broke")
            answer = _BROKEN
        self._answering = None
        self._last = self._gate.loop.time()
        if self not in self._gate.open:
            return
        self._transport.write(_rendered(answer, int(time.time())))
        if self._early:
            self._transport.resume_reading()
            self._hand_over(self._early)

    def _hand_over(self, data: bytes) -> None:
        self._leave()
        other = self._gate.other()
        self._transport.set_protocol(other)
        other.connection_made(self._transport)
        other.data_received(data)

    def _leave(self) -> None:
        self._timer.cancel()
        self._gate.open.discard(self)

    def _close_when_idle(self) -> None:
        quiet = self._gate.loop.time() - self._last
        if self._answering is None and quiet >= IDLE_SECONDS:
            self._transport.close()
        else:
            later = max(IDLE_SECONDS - quiet, 1.0)
            self._timer = self._gate.loop.call_later(later, self._close_when_idle)


class Gate:
    """Makes a wicket for each connection, and knows which are open."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        doors: Mapping[str, Door],
        other: Callable[[], asyncio.Protocol],
    ) -> None:
        self.loop = loop
        self.doors = {f"POST {path} HTTP/1.1": door for path, door in doors.items()}
        self.other = other
        self.open: set[Wicket] = set()

    def __call__(self) -> Wicket:
        return Wicket(self)

    async def close(self) -> None:
        """Let every request that is under way finish."""
        await asyncio.gather(*(wicket.finish() for wicket in list(self.open)))


@lru_cache(maxsize=8)
def _rendered(answer: Answer, now: int) -> bytes:
    """The same for everybody who gets this answer in this second."""
    headers = {
        **SECURITY_HEADERS,
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "Date": formatdate(now, usegmt=True),
    }
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join((*lines, "", "")).encode() + answer.body
