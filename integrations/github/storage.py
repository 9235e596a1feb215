"""Where GitHub keeps what runs leave: the way there is a redirect that is good for a minute.

It is followed once, in a session of its own without our credentials, and to a safe address alone: https, and
no machine of a closed network where GitHub itself stands in the open.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.core.addresses import is_allowed, literal
from bot.core.bodies import read_capped, read_end
from bot.core.errors import NeedsHuman, Transient, UserError
from integrations.github.clients import API_VERSION, USER_AGENT
from integrations.github.errors import DEFAULT_WAIT, SYSTEM, RateLimited

T = TypeVar("T")
PATIENCE = 5.0  # seconds for each call
GONE = 410
PARTIAL = 206
IN_THE_OPEN = ("api.github.com", ".ghe.com")


@dataclass(frozen=True, slots=True)
class End:
    """The last bytes of something."""

    content: bytes
    cut: bool  # whether something stands before them


class Storage:
    """Fetches what lies there; `what` names it in what is said when that fails."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url

    async def fetch(self, path: str, token: str, most: int, what: str) -> bytes | None:
        """All of it, and at most so many bytes; None where it is gone. UserError where it is larger."""
        location = await self._location(path, token, what)
        if location is None:
            return None
        body = await self._get(location, {}, lambda answer: _whole(answer, most))
        if body is None:
            raise UserError(f"{what} can't be used: it has more than {most:,} bytes.")
        return body

    async def end(self, path: str, token: str, keep: int, most: int, what: str) -> End | None:
        """Its last bytes; None where it is gone. UserError where they can't be had."""
        location = await self._location(path, token, what)
        if location is None:
            return None
        size = await self._get(location, {}, _announced)
        part = {"Range": f"bytes={size - keep}-{size - 1}"} if size is not None and size > keep else {}
        return await self._get(location, part, lambda answer: _end(answer, keep, most, what))

    async def _location(self, path: str, token: str, what: str) -> str | None:
        """Where GitHub sends us; our credentials go to GitHub alone."""
        headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": API_VERSION}
        status, answered = await _asked(f"{self._api_url}{path}", headers)
        if status == GONE:
            return None
        if status in (403, 429):
            after = answered.get("Retry-After", "")
            wait = float(after) if after.isdecimal() else DEFAULT_WAIT
            raise RateLimited("GitHub did not let us have it now.", system=SYSTEM, retry_after=wait)
        location = answered.get("Location", "")
        if status != 302 or not location:
            raise Transient(f"GitHub answered with {status} instead of where it lies.", system=SYSTEM)
        must_be_safe(location, self._api_url, what)
        return location

    async def _get(
        self, url: str, headers: Mapping[str, str], read: Callable[[aiohttp.ClientResponse], Awaitable[T]]
    ) -> T:
        return await _ask(url, headers, read, OpenOnly(self._api_url))


class OpenOnly(AbstractResolver):
    """Looks names up, and leaves out the addresses to which nothing of ours may go."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if _may_be_asked(each["host"], self._api_url)]
        if not kept:
            raise OSError(f"{host} leads to no address that may be asked")
        return kept

    async def close(self) -> None:
        """Nothing is open."""
        await self._inner.close()


def must_be_safe(location: str, api_url: str, what: str) -> None:
    """https alone; a stand-in on this very machine may send us to itself."""
    try:
        parts, api = urlsplit(location), urlsplit(api_url)
        at_home = _is_loopback(api) and _is_loopback(parts)
        plain = bool(parts.username or parts.password)
        written_out = literal(parts.hostname or "")
    except ValueError:
        raise _elsewhere(what) from None
    if plain or not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and at_home)):
        raise _elsewhere(what)
    if written_out is not None and not _may_be_asked(str(written_out), api_url):
        raise _elsewhere(what)


def _may_be_asked(address: str, api_url: str) -> bool:
    """An Enterprise Server may keep things in its own closed network; ourselves only a stand-in may name."""
    found, host = ip_address(address.partition("%")[0]), urlsplit(api_url).hostname or ""
    if found.is_loopback:
        return _is_loopback(urlsplit(api_url))
    return is_allowed(found, private=not host.endswith(IN_THE_OPEN))


def _is_loopback(parts: SplitResult) -> bool:
    address = literal(parts.hostname or "")
    return address.is_loopback if address is not None else parts.hostname == "localhost"


async def _asked(url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
    async def read(answer: aiohttp.ClientResponse) -> tuple[int, Mapping[str, str]]:
        return answer.status, answer.headers

    return await _ask(url, headers, read, None)


async def _ask(
    url: str,
    headers: Mapping[str, str],
    read: Callable[[aiohttp.ClientResponse], Awaitable[T]],
    resolver: AbstractResolver | None,
) -> T:
    """One answer, in a session of its own that knows nothing."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=PATIENCE),
    )
    try:
        async with session, session.get(url, headers=headers, allow_redirects=False) as answer:
            return await read(answer)
    except TimeoutError:
        raise Transient(f"No answer came within {PATIENCE:g} seconds.", system=SYSTEM) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Transient(f"The connection broke off ({type(error).__name__}).", system=SYSTEM) from None


async def _whole(answer: aiohttp.ClientResponse, most: int) -> bytes | None:
    _must_be_there(answer, 200)
    return await read_capped(answer, most)


async def _announced(answer: aiohttp.ClientResponse) -> int | None:
    """How large it says it is; the rest of the answer is left alone."""
    _must_be_there(answer, 200)
    return answer.content_length


async def _end(answer: aiohttp.ClientResponse, keep: int, most: int, what: str) -> End:
    _must_be_there(answer, 200, PARTIAL)
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise UserError(f"{what} can't be used: it came packed, although we did not ask for that.")
    read = await read_end(answer, keep, most)
    if read is None:
        raise UserError(f"{what} can't be used: it has more than {most:,} bytes.")
    return End(read[0], cut=read[1] or answer.status == PARTIAL)


def _must_be_there(answer: aiohttp.ClientResponse, *expected: int) -> None:
    if answer.status not in expected:
        raise Transient(f"Where GitHub keeps it, the answer was {answer.status}.", system=SYSTEM)


def _elsewhere(what: str) -> NeedsHuman:
    return NeedsHuman(
        f"{what} was not fetched.",
        "GitHub sent us to an address that is not safe.",
        "Tell an operator: https alone is followed, and without a name and password in it.",
    )
