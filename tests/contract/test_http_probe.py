"""Addresses asked over real HTTP: what is read, what is not followed, and what is never asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.core.addresses import METADATA, is_allowed
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from integrations.http_probe import BODY, HttpProbe
from tests.fakes.ports import free_port

PATIENCE = timedelta(seconds=5)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Site:
    """A server on this machine, and what it was asked."""

    url: str
    asked: list[web.Request] = field(default_factory=list)


@asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site("")

    async def note(request: web.Request) -> web.StreamResponse:
        site.asked.append(request)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", note)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    host, port = runner.addresses[0][:2]
    site.url = f"{'https' if context else 'http'}://{host}:{port}"
    try:
        yield site
    finally:
        await runner.cleanup()


async def ask(url: str, *, private: bool = True, patience: timedelta = PATIENCE) -> HttpReading:
    return await HttpProbe().get(url, patience, private=private)


def says(status: int = 200, body: bytes = b"ok", **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return handler


@pytest.mark.parametrize("status", [200, 204, 404, 503])
async def test_an_answer_is_told_as_it_is(status: int) -> None:
    async with serving(says(status, b"", **{"X-Version": "1.4.2"})) as site:
        told = await ask(f"{site.url}/health?deep=1")
    assert isinstance(told, Answered)
    assert (told.status, told.body, told.header("x-version"), told.whole) == (status, b"", "1.4.2", True)
    (asked,) = site.asked
    assert (asked.method, asked.path_qs) == ("GET", "/health?deep=1")
    assert "Cookie" not in asked.headers


async def test_a_redirect_is_told_and_not_followed() -> None:
    async with serving(says()) as other, serving(says(302, Location=f"{other.url}/admin")) as site:
        told = await ask(site.url)
    assert isinstance(told, Answered)
    assert (told.status, told.header("location")) == (302, f"{other.url}/admin")
    assert other.asked == []


async def test_only_so_much_of_a_body_is_read() -> None:
    async with serving(says(body=b"x" * BODY)) as site:
        told = await ask(site.url)
        assert isinstance(told, Answered)
        assert (len(told.body), told.whole) == (BODY, True)
    async with serving(says(body=b"x" * (BODY + 1))) as site:
        told = await ask(site.url)
        assert isinstance(told, Answered)
        assert (len(told.body), told.whole) == (BODY, False)


async def test_a_body_that_never_ends_is_cut_off() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * BODY)

    async with serving(endless) as site:
        told = await ask(site.url)
    assert isinstance(told, Answered)
    assert (len(told.body), told.whole) == (BODY, False)


async def test_who_is_slow_did_not_answer() -> None:
    stuck = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"o")
        await stuck.wait()
        return answer

    async with serving(slow) as site:
        told = await ask(site.url, patience=timedelta(milliseconds=200))
        stuck.set()
    assert isinstance(told, Silent)
    assert "did not answer within" in told.why


async def test_who_is_not_there() -> None:
    assert await ask(f"http://127.0.0.1:{free_port()}/") == Silent("can't be reached")
    assert await ask("http://nothing.invalid/") == Silent("its name leads nowhere")
    assert await ask(f"http://{'x' * 70}.example/") == Silent("its name leads nowhere")


async def test_what_is_no_http() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = await ask(f"http://127.0.0.1:{port}/")
    assert isinstance(told, Silent)


def own_certificate(folder: Path) -> ssl.SSLContext:
    """One that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    over, number = now + timedelta(days=1), x509.random_serial_number()
    made = x509.CertificateBuilder(name, name, key.public_key(), number, now, over).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    kind, shape = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "own.pem"
    file.write_bytes(key.private_bytes(kind, shape, plain) + made.public_bytes(kind))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    async with serving(says(), own_certificate(tmp_path)) as site:
        told = await ask(site.url)
    assert told == Silent("its certificate does not hold")
    assert site.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"])
async def test_a_closed_network_is_asked_only_where_the_catalog_says_so(host: str) -> None:
    async with serving(says()) as site:
        told = await ask(site.url.replace("127.0.0.1", host), private=False)
    assert isinstance(told, Forbidden)
    assert "private: true" in told.why
    assert site.asked == []


@pytest.mark.parametrize("private", [True, False])
async def test_what_hands_out_secrets_is_never_asked(private: bool) -> None:
    told = await ask("http://169.254.169.254/latest/meta-data/", private=private)
    assert told == Forbidden("169.254.169.254, which is never asked")


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The system's answers to one name, one after the other; says which names were looked up."""
    left, asked = list(answers), list[str]()

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return asked


async def test_a_name_is_looked_up_once_and_asked_at_that_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(says()) as site:
        asked = resolves(monkeypatch, ["127.0.0.1"])  # a second look would find nothing
        told = await ask(site.url.replace("127.0.0.1", "api.test"))
    assert isinstance(told, Answered)
    assert asked == ["api.test"]
    assert site.asked[0].host.startswith("api.test:"), "by its name, as everybody asks it"


async def test_one_barred_address_of_a_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(says()) as site:
        resolves(monkeypatch, ["93.184.215.14", "127.0.0.1"])
        told = await ask(site.url.replace("127.0.0.1", "api.test"), private=False)
    assert isinstance(told, Forbidden)
    assert "api.test leads to 127.0.0.1" in told.why
    assert site.asked == []


@pytest.mark.parametrize(
    ("address", "anybody", "ours"),
    [
        ("93.184.215.14", True, True),
        ("2606:4700::1111", True, True),
        ("10.1.2.3", False, True),
        ("172.16.0.1", False, True),
        ("192.168.0.1", False, True),
        ("100.64.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd12::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("2002:0a00:0001::", False, True),
        ("64:ff9b::10.0.0.1", False, True),
        ("64:ff9b::93.184.215.14", True, True),
        ("64:ff9b::169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("169.254.1.1", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("240.0.0.1", False, False),
        ("255.255.255.255", False, False),
        *((str(each), False, False) for each in sorted(METADATA, key=str)),
    ],
)
def test_which_addresses_may_be_asked(address: str, anybody: bool, ours: bool) -> None:
    assert is_allowed(ip_address(address), private=False) is anybody
    assert is_allowed(ip_address(address), private=True) is ours
