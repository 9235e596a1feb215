"""Addresses that end with a secret, for senders that can sign nothing: seen before the body is read."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web

from bot.core.ingress import REFUSED, Door, Outcome, Tally
from bot.core.records import Source
from bot.web.doors import Handler, handler, response


@dataclass(frozen=True)
class Keyed:
    """A door, and the secrets that open the way to it."""

    door: Door
    secrets: Sequence[str]

    def __post_init__(self) -> None:
        if not self.secrets or not all(self.secrets):
            raise ValueError("without a secret anybody could knock")

    def opens(self, given: str) -> bool:
        """In a time that does not depend on how much of it is right, nor on its length."""
        mark = _hash(given)
        matches = [hmac.compare_digest(mark, _hash(secret)) for secret in self.secrets]
        return any(matches)


def keyed_handler(keyed: Keyed, source: Source, tally: Tally, most: int) -> Handler:
    """An aiohttp handler for an address with `{secret}` in it."""
    behind = handler(keyed.door, source, tally, most)

    async def handle(request: web.Request) -> web.StreamResponse:
        if keyed.opens(request.match_info["secret"]):
            return await behind(request)
        tally.add(source, Outcome.FORGED)
        return response(REFUSED)

    return handle


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
