"""Asks an address over HTTP as a verification does: one answer, of exactly the machine it looked up.

The name is resolved once; if any of its addresses may not be asked, none is. The connection then goes to
those very addresses, so that a name that points elsewhere a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.addresses import is_allowed, literal
from bot.core.durations import format_duration
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent

log = logging.getLogger(__name__)

BODY = 64 * 1024  # bytes of an answer that are read
HEADERS = {"User-Agent": "Slipway-Verification", "Accept": "*/*", "Accept-Encoding": "identity"}
PORTS = {"http": 80, "https": 443}


class Pinned(AbstractResolver):
    """Knows one name, and what it stood for when it was looked at."""

    def __init__(self, found: Sequence[ResolveResult]) -> None:
        self._found = list(found)

    async def resolve(
        self,
        host: str,  # noqa: ARG002
        port: int = 0,  # noqa: ARG002
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        return self._found

    async def close(self) -> None:
        """Nothing is open."""


class HttpProbe:
    """Implements `Probe`. Each question has a connection of its own, as if it were the first."""

    async def get(self, url: str, patience: timedelta, *, private: bool) -> HttpReading:
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await self._get(url, private=private)
        except TimeoutError:
            return Silent(f"did not answer within {format_duration(patience)}")

    async def _get(self, url: str, *, private: bool) -> HttpReading:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        try:
            found = await _resolve(host, port)
        except (OSError, UnicodeError):
            return Silent("its name leads nowhere")
        barred = [each["host"] for each in found if not is_allowed(ip_address(each["host"]), private=private)]
        if barred:
            return Forbidden(_why_barred(host, barred[0], private=private))
        return await _ask(url, Pinned(found))


async def _resolve(host: str, port: int) -> list[ResolveResult]:
    address = literal(host)
    name = str(address) if address is not None else host
    told = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host,
            host=str(where[0]).partition("%")[0],
            port=port,
            family=family,
            proto=proto,
            flags=socket.AI_NUMERICHOST,
        )
        for family, _, proto, _, where in told
    ]


async def _ask(url: str, pinned: Pinned) -> HttpReading:
    connector = aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False, force_close=True)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers=HEADERS,
    )
    try:
        async with session, session.get(url, allow_redirects=False) as answer:
            body = await _read(answer.content)
            headers = tuple((name.lower(), value) for name, value in answer.headers.items())
            return Answered(answer.status, body[:BODY], headers, whole=len(body) <= BODY)
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
        return Silent("its certificate does not hold")
    except aiohttp.ClientError as error:
        log.info("%s: %s", urlsplit(url).hostname, error)
        return Silent(_why_silent(error))


async def _read(stream: aiohttp.StreamReader) -> bytes:
    """One byte more than counts, to know whether there is more."""
    read = bytearray()
    async for chunk in stream.iter_chunked(BODY):
        read += chunk
        if len(read) > BODY:
            break
    return bytes(read[: BODY + 1])


def _why_silent(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "can't be reached"
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return "broke the connection off"
    return "gave no answer that could be read"


def _why_barred(host: str, address: str, *, private: bool) -> str:
    where = f"{host} leads to {address}" if host != address else address
    if not private and is_allowed(ip_address(address), private=True):
        return f"{where}, in a closed network, and the catalog does not say `private: true` for it"
    return f"{where}, which is never asked"
