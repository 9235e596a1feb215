"""Socket Mode of the Slack stand-in, through the real client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.contract.playground_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    Json,
    ManualClock,
    Workspace,
    button,
    modal,
    raw_socket,
    section,
    text_input,
    workspace,
)


@dataclass
class Listener:
    """A Socket Mode app: writes down each request and answers with `payload`, or not at all."""

    client: SocketModeClient
    silent: bool = False
    payload: Json | None = None
    heard: list[SocketModeRequest] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        self.more.set()
        if not self.silent:
            answer = SocketModeResponse(envelope_id=request.envelope_id, payload=self.payload)
            await client.send_socket_mode_response(answer)

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self.more.clear()
                await self.more.wait()


@asynccontextmanager
async def connected(acme: Workspace) -> AsyncIterator[Listener]:
    web = AsyncWebClient(token=BOT_TOKEN, base_url=acme.slack.url + "/api/")
    client = SocketModeClient(app_token=APP_TOKEN, web_client=web, auto_reconnect_enabled=False)
    listener = Listener(client)
    client.socket_mode_request_listeners.append(listener.listen)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        yield listener
    finally:
        await client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path, socket=True) as made:
        yield made


async def test_commands_come_over_the_socket_and_their_answers_go_back(acme: Workspace) -> None:
    async with connected(acme) as app:
        app.payload = {"text": "on its way"}
        assert await acme.slack.command("ada", "#deploys", "/deploy api") == {"ok": True}
        [request] = app.heard
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert request.payload["text"] == "api"
    assert [m.text for m in acme.slack.ephemerals("ada")] == ["on its way"]


async def test_forms_and_clicks(acme: Workspace) -> None:
    async with connected(acme) as app:
        await acme.client.chat_postMessage(
            channel="#deploys", text="x", blocks=[section("x", accessory=button("go"))]
        )
        await acme.slack.click("ada", acme.slack.messages("#deploys")[0], "go")
        trigger = app.heard[0].payload["trigger_id"]
        await acme.client.views_open(trigger_id=trigger, view=modal(text_input("service")))
        app.payload = {"response_action": "errors", "errors": {"service": "unknown"}}
        [view] = acme.slack.opened_views("ada")
        answer = await acme.slack.submit("ada", view, {"service": "x"})
    assert answer == {"ok": False, "errors": {"service": "unknown"}}
    assert [one.type for one in app.heard] == ["interactive", "interactive"]
    assert app.heard[1].accepts_response_payload


async def test_events_carry_their_attempt(tmp_path: Path) -> None:
    clock = ManualClock()
    async with workspace(tmp_path, clock=clock, socket=True) as acme, connected(acme) as app:
        app.silent = True
        await acme.slack.send("ada", "#deploys", "hi @slipway")
        await app.wait_for(1)
        clock.advance(3.1)
        await app.wait_for(2)
        first, second = app.heard
        assert (first.retry_attempt, second.retry_attempt, second.retry_reason) == (0, 1, "http_timeout")
        assert first.payload["event_id"] == second.payload["event_id"]
        assert first.envelope_id != second.envelope_id


async def test_nobody_connected(acme: Workspace) -> None:
    await acme.slack.command("ada", "#deploys", "/deploy api")
    assert acme.slack.ephemerals("ada")[0].text == '`/deploy` failed with the error "dispatch_failed"'


async def test_each_delivery_goes_to_one_of_the_connections(acme: Workspace) -> None:
    async with connected(acme) as one, connected(acme) as two:
        for _ in range(4):
            await acme.slack.command("ada", "#deploys", "/deploy api")
        assert (len(one.heard), len(two.heard)) == (2, 2)


async def test_slack_sends_clients_away_and_they_may_come_again(acme: Workspace) -> None:
    async with connected(acme):
        asked = len(acme.slack.control.calls("apps.connections.open"))
        await acme.act("disconnect", reason="refresh_requested")
        await acme.slack.until(lambda: len(acme.slack.control.calls("apps.connections.open")) > asked)
        await acme.slack.until(lambda: acme.slack.connected)
        assert await acme.slack.command("ada", "#deploys", "/deploy api") == {"ok": True}


async def test_the_ticket_is_for_the_app_token_and_for_once(acme: Workspace, tmp_path: Path) -> None:
    answer = await acme.client.apps_connections_open(app_token=APP_TOKEN)
    assert answer["url"].startswith("ws://127.0.0.1:")
    async with raw_socket(answer["url"]) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    with pytest.raises(WSServerHandshakeError) as refused:
        async with raw_socket(answer["url"]):
            pass
    assert refused.value.status == 403
    async with workspace(tmp_path) as http:
        with pytest.raises(SlackApiError, match="not_enabled"):
            await http.client.apps_connections_open(app_token=APP_TOKEN)
