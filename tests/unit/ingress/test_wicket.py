"""Which requests are plain, and what becomes of the others; over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ingress import Answer, Tally
from bot.web import wicket
from bot.web.server import Served, Server, application
from bot.web.wicket import read_plain

PATH = "/slack/events"
BODY = b"command=%2Fdeploy"


class Doorman:
    """A door that notes who came, and may keep them waiting."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.entered = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.breaks = False

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:
        self.came.append(({name.lower(): value for name, value in headers.items()}, body))
        self.entered.set()
        await self.go.wait()
        if self.breaks:
            raise RuntimeError("hunter2")
        return Answer(200, b"hello")


def request(body: bytes = BODY, *more: str, first: str = f"POST {PATH} HTTP/1.1", length: str = "") -> bytes:
    lines = [first, "Host: slipway.example.com", "X-Slack-Signature: v0=1", *more]
    lines.append(f"Content-Length: {length or len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


async def _nobody(_headers: Mapping[str, str], _body: bytes) -> Answer:
    return Answer(200)


DOORS = {f"POST {PATH} HTTP/1.1": _nobody}


def test_a_plain_request_is_read_as_it_is() -> None:
    plain = read_plain(request(b"a\r\n\r\nb"), DOORS)
    assert plain is not None
    assert plain.body == b"a\r\n\r\nb"
    assert plain.headers["x-slack-signature"] == "v0=1"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        request()[:20],
        request()[:-1],  # the rest is still on its way
        request() + b"G",  # and another one behind it
        request() + request(),
        request(first=f"GET {PATH} HTTP/1.1"),
        request(first=f"POST {PATH} HTTP/1.0"),
        request(first=f"POST {PATH}?a=b HTTP/1.1"),
        request(first=f"POST {PATH}/ HTTP/1.1"),
        request(first="POST /elsewhere HTTP/1.1"),
        request(first=f"POST  {PATH} HTTP/1.1"),
        request(BODY, "Connection: close"),
        request(BODY, "Transfer-Encoding: chunked"),
        request(BODY, "transfer-encoding: chunked"),
        request(BODY, "Transfer-Encoding : chunked"),
        request(BODY, " Transfer-Encoding: chunked"),
        request(BODY, "X: y\r\n Transfer-Encoding: chunked"),
        request(BODY, "X: y\nTransfer-Encoding: chunked"),
        request(BODY, "Expect: 100-continue"),
        request(BODY, "Upgrade: h2c"),
        request(BODY, "Content-Encoding: gzip"),
        request(BODY, f"Content-Length: {len(BODY)}"),
        request(BODY, "content-length: 0"),
        request(BODY, "X-Slack-Signature: v0=2"),
        request(BODY, "No-Colon"),
        request(BODY, ": nameless"),
        request(BODY, "X-Odd: caf\u00e9"),
        request(BODY, "X-Odd: a\x00b"),
        request(length="+17"),
        request(length="0x11"),
        request(length="17, 17"),
        request(length=" 17"),
        request(length="１７"),
        request().replace(b"Host: slipway.example.com\r\n", b""),
        request(BODY, *(f"X-{number}: y" for number in range(80))),
    ],
)
def test_whatever_is_unusual_is_left_to_aiohttp(data: bytes) -> None:
    assert read_plain(data, DOORS) is None


@given(st.binary(), st.binary())
def test_any_bytes_are_plain_or_not(head: bytes, tail: bytes) -> None:
    for data in (head, request() + tail, request(tail, head.decode("latin-1"))):
        plain = read_plain(data, DOORS)
        assert plain is None or data.endswith(b"\r\n\r\n" + plain.body)


class Talk:
    """One connection to a running server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            return await self.reader.read() == b""


@asynccontextmanager
async def talking(door: Doorman) -> AsyncIterator[tuple[Talk, Server]]:
    server = Server(application(Served(Tally(), door)), "127.0.0.1", 0)
    port = await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Talk(reader, writer), server
    finally:
        writer.close()
        await server.stop()


async def test_many_plain_requests_over_one_connection() -> None:
    door = Doorman()
    async with talking(door) as (talk, _):
        for number in range(3):
            talk.writer.write(request(b"n=%d" % number))
            status, headers, body = await talk.answer()
            assert (status, body) == (200, b"hello")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["date"].endswith(" gmt")
    assert [body for _, body in door.came] == [b"n=0", b"n=1", b"n=2"]


async def test_after_something_unusual_the_connection_goes_on_with_aiohttp() -> None:
    door = Doorman()
    async with talking(door) as (talk, _):
        for sent, status in (
            (request(), 200),
            (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200),
            (request(), 200),
            (request(BODY, "X-Odd: caf\u00e9"), 200),
            (b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ):
            talk.writer.write(sent)
            assert (await talk.answer())[0] == status
    assert [body for _, body in door.came] == [BODY] * 3


async def test_a_request_in_pieces_arrives_whole() -> None:
    door = Doorman()
    async with talking(door) as (talk, _):
        whole = request()
        for piece in (whole[:10], whole[10:60], whole[60:]):
            talk.writer.write(piece)
            await talk.writer.drain()
            await asyncio.sleep(0.01)
        assert (await talk.answer())[0] == 200
    assert door.came[0][1] == BODY


async def test_requests_that_do_not_wait_are_answered_in_their_order() -> None:
    door = Doorman()
    door.go.clear()
    async with talking(door) as (talk, _):
        talk.writer.write(request(b"first"))
        await door.entered.wait()
        talk.writer.write(request(b"second") + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.02)
        assert len(door.came) == 1
        door.go.set()
        assert [(await talk.answer())[2] for _ in range(3)] == [b"hello", b"hello", b"alive\n"]
    assert [body for _, body in door.came] == [b"first", b"second"]


async def test_a_door_that_breaks_is_told_plainly_and_the_connection_lives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    door = Doorman()
    door.breaks = True
    async with talking(door) as (talk, _):
        talk.writer.write(request())
        status, _, body = await talk.answer()
        assert status == 500
        assert b"hunter2" not in body
        door.breaks = False
        talk.writer.write(request())
        assert (await talk.answer())[0] == 200
    assert "a door broke" in caplog.text


async def test_whoever_hangs_up_early_does_not_undo_what_was_begun() -> None:
    door = Doorman()
    door.go.clear()
    async with talking(door) as (talk, server):
        talk.writer.write(request())
        await door.entered.wait()
        talk.writer.close()
        await asyncio.sleep(0.02)
        door.go.set()
        await server.stop()
    assert len(door.came) == 1


async def test_stopping_answers_what_is_under_way_and_closes_what_is_idle() -> None:
    door = Doorman()
    door.go.clear()
    async with talking(door) as (talk, server):
        talk.writer.write(request())
        await door.entered.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0.02)
        door.go.set()
        assert (await talk.answer())[0] == 200
        assert await talk.ended()
        await stopping


async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wicket, "IDLE_SECONDS", 0.05)
    async with talking(Doorman()) as (talk, _):
        assert await talk.ended()
