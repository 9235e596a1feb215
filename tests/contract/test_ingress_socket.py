"""Socket Mode over a real WebSocket: stored, then acknowledged, and reconnected when it falls silent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.ingress import Outcome, Tally
from bot.core.records import Source
from bot.slack.deliveries import Incoming, classify
from bot.slack.ingress import Reception
from bot.slack.socket import SlackSocket
from tests.unit.ingress.keepers import Shelf

COMMAND = {"command": "/deploy", "text": "api staging & more", "team_id": "T1", "trigger_id": "1.2.a"}
CLICK = {"type": "block_actions", "team": {"id": "T1"}, "trigger_id": "3.4.b", "actions": []}
FORM = {"type": "view_submission", "team": {"id": "T1"}, "trigger_id": "5.6.c", "view": {"id": "V1"}}
EVENT = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "app_mention"}}


class RealClock:
    """Time as it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Slack:
    """The far end: hands out an address and speaks over it."""

    def __init__(self, deaf: bool = False) -> None:
        self.deaf = deaf  # it never answers a ping
        self.sockets: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.acknowledged: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/api/apps.connections.open", self._address)
        app.router.add_get("/link", self._link)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = runner.addresses[0][1]
        try:
            yield f"http://127.0.0.1:{self._port}/api/"
        finally:
            await runner.cleanup()

    async def _address(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self._port}/link"})

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=not self.deaf)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        await self.sockets.put(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self.acknowledged.put(json.loads(message.data))
        self.closed += 1
        return socket


class Around:
    """A connected socket and everything around it."""

    def __init__(self, *, deaf: bool = False, silence: float = 30.0) -> None:
        self.slack = Slack(deaf)
        self.shelf = Shelf()
        self.tally = Tally()
        self.silence = silence
        self.stored_when_asked = -1

    async def _inline(self, _incoming: Incoming) -> Mapping[str, Any] | None:
        self.stored_when_asked = len(self.shelf.receipts)
        return {"response_action": "clear"}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SlackSocket]:
        async with self.slack.open() as url:
            reception = Reception(self.shelf, self._inline)
            client = AsyncWebClient(base_url=url)
            socket = SlackSocket("xapp-1", client, reception, self.tally, RealClock(), self.silence)
            running = asyncio.create_task(socket.run())
            self.link = await asyncio.wait_for(self.slack.sockets.get(), 10)
            try:
                yield socket
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    async def send(self, id: str, kind: str, payload: object) -> None:
        await self.link.send_json({"type": kind, "envelope_id": id, "payload": payload})

    async def acknowledgement(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.slack.acknowledged.get(), 10)

    def count(self, outcome: Outcome) -> int:
        return self.tally.count(Source.SLACK, outcome)


async def until(met: Callable[[], bool]) -> None:
    """Look again and again, ten seconds at most."""
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110  # nothing here could set an event
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("kind", "payload", "key"),
    [
        ("slash_commands", COMMAND, "1.2.a"),
        ("interactive", CLICK, "3.4.b"),
        ("events_api", EVENT, "Ev1"),
    ],
)
async def test_an_envelope_is_stored_as_over_http_and_acknowledged(
    kind: str, payload: dict[str, Any], key: str
) -> None:
    around = Around()
    async with around.open():
        await around.send("e-1", kind, payload)
        assert await around.acknowledgement() == {"envelope_id": "e-1"}
    (receipt,) = around.shelf.receipts
    assert receipt.delivery_key == key
    again = classify(receipt.body)
    assert (again.kind.value, again.lane) == (receipt.kind, receipt.lane)
    assert dict(again.payload) == payload
    assert around.count(Outcome.STORED) == 1


async def test_a_form_is_answered_with_its_acknowledgement() -> None:
    around = Around()
    async with around.open():
        await around.send("e-1", "interactive", FORM)
        answer = await around.acknowledgement()
    assert answer == {"envelope_id": "e-1", "payload": {"response_action": "clear"}}
    assert around.stored_when_asked == 0  # it is kept together with its answer
    assert len(around.shelf.receipts) == 1


async def test_an_envelope_that_comes_again_is_acknowledged_and_stored_once() -> None:
    around = Around()
    async with around.open():
        for id in ("e-1", "e-1", "e-2"):
            await around.send(id, "events_api", EVENT)
            assert (await around.acknowledgement())["envelope_id"] == id
    assert len(around.shelf.receipts) == 1
    assert around.count(Outcome.SEEN) == 2


async def test_what_cannot_be_stored_or_read_is_not_acknowledged_and_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    around = Around()
    with caplog.at_level(logging.DEBUG, "bot"):
        async with around.open():
            around.shelf.down = True
            await around.send("e-1", "slash_commands", {**COMMAND, "text": "hunter2"})
            await until(lambda: around.count(Outcome.UNAVAILABLE) == 1)
            around.shelf.down = False
            await around.send("e-2", "interactive", {"type": "hunter2"})
            await around.send("e-3", "hunter2", {})
            await until(lambda: around.count(Outcome.MALFORMED) == 2)
            await around.send("e-4", "slash_commands", COMMAND)
            assert (await around.acknowledgement())["envelope_id"] == "e-4"
    assert "hunter2" not in caplog.text


async def test_it_says_whether_it_is_connected() -> None:
    around = Around()
    async with around.open() as socket:
        await around.send("e-1", "slash_commands", COMMAND)
        await around.acknowledgement()
        assert await socket.check() is None
    assert await socket.check() == "The Socket Mode connection to Slack is not open."


async def test_slack_may_ask_it_to_come_again() -> None:
    around = Around()
    async with around.open():
        await around.link.send_json({"type": "disconnect", "reason": "refresh_requested"})
        around.link = await asyncio.wait_for(around.slack.sockets.get(), 10)
        await around.send("e-1", "slash_commands", COMMAND)
        assert await around.acknowledgement() == {"envelope_id": "e-1"}


async def test_a_connection_that_fell_silent_is_closed_and_replaced() -> None:
    around = Around(deaf=True, silence=0.3)
    async with around.open():
        around.link = await asyncio.wait_for(around.slack.sockets.get(), 10)
        assert around.slack.closed >= 1  # the old one first
