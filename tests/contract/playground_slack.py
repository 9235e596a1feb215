"""What the contract tests of the Slack stand-in share: a manifest, a clock, an app that listens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.clock import WallClock
from bot.playground.slack import SlackStandIn

Json = dict[str, Any]
SECRET, BOT_TOKEN, APP_TOKEN = "8f742231b10e", "xoxb-play", "xapp-play"
ALL_SCOPES = (
    "commands chat:write files:write users:read users:read.email usergroups:read app_mentions:read links:read"
    " links:write channels:read groups:read im:read im:write mpim:write channels:history groups:history"
    " im:history channels:join reactions:write pins:write"
)
MANIFEST: Json = {
    "display_information": {"name": "Slipway"},
    "features": {
        "bot_user": {"display_name": "slipway"},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "slash_commands": [
            {"command": "/deploy", "description": "Deploy", "usage_hint": "<service>", "should_escape": True},
            {"command": "/state", "description": "Show", "should_escape": False},
        ],
        "shortcuts": [
            {"name": "Deploy", "type": "global", "callback_id": "go", "description": "Deploy"},
            {"name": "About", "type": "message", "callback_id": "about", "description": "About"},
        ],
        "unfurl_domains": ["slipway.example"],
    },
    "oauth_config": {"scopes": {"bot": [*ALL_SCOPES.split()]}},
    "settings": {
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "app_uninstalled",
                "link_shared",
                "member_joined_channel",
                "message.im",
                "user_change",
            ]
        },
        "interactivity": {"is_enabled": True},
    },
}


class ManualClock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []
        self._news = asyncio.Event()

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.time + timedelta(seconds=seconds), woken))
        self._news.set()
        await woken.wait()

    async def asleep(self, seconds: float) -> None:
        """Wait until somebody sleeps for exactly so long."""
        async with asyncio.timeout(5):
            while all(due != self.time + timedelta(seconds=seconds) for due, _ in self._sleepers):
                self._news.clear()
                await self._news.wait()

    def advance(self, seconds: float) -> None:
        """Move on and wake who is due."""
        self.time += timedelta(seconds=seconds)
        for due, woken in self._sleepers:
            if due <= self.time:
                woken.set()
        self._sleepers = [one for one in self._sleepers if not one[1].is_set()]


@dataclass
class Heard:
    """One delivery as the app received it."""

    headers: dict[str, str]
    raw: bytes
    body: Json


Answer = Callable[[Heard], Awaitable[web.Response]]


async def just_ok(_heard: Heard) -> web.Response:
    """An empty acknowledgement."""
    return web.Response()


@dataclass
class ListeningApp:
    """An app that writes down what it gets and answers as told."""

    answer: Answer = just_ok
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if request.content_type == "application/json":
            body = json.loads(raw)
        else:
            body = dict(parse_qsl(raw.decode(), keep_blank_values=True))
            body = json.loads(body["payload"]) if "payload" in body else body
        heard = Heard(dict(request.headers), raw, body)
        self.heard.append(heard)
        self._more.set()
        return await self.answer(heard)

    async def wait_for(self, count: int) -> list[Heard]:
        """Wait until so many deliveries came."""
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self._more.clear()
                await self._more.wait()
        return self.heard


@asynccontextmanager
async def listening_app() -> AsyncIterator[ListeningApp]:
    """An app on a free port."""
    app, server = ListeningApp(), web.Application()
    server.router.add_post("/slack/events", app.receive)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield app
    await runner.cleanup()


def write_manifest(folder: Path, document: Json = MANIFEST) -> Path:
    """A manifest on disk."""
    path = folder / "app-manifest.yml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@dataclass
class Workspace:
    """A running stand-in, the app it delivers to, and the real client."""

    slack: SlackStandIn
    app: ListeningApp
    client: AsyncWebClient
    manifest: Path

    async def act(self, name: str, **body: Any) -> Json:
        """Perform an act as the command line does."""
        headers = {"X-Play-Token": self.slack.control.token}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(self.slack.url + "/_play/act", json={"act": name, **body}) as response,
        ):
            answer: Json = await response.json()
        assert answer["ok"], answer
        return answer


@asynccontextmanager
async def raw_socket(url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A WebSocket without any client's manners."""
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        yield socket


def section(text: str, **more: Any) -> Json:
    """A section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain("Go"), "action_id": action_id, **more}


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a title and a main button."""
    return {"type": "modal", "title": plain("Deploy"), "submit": plain("Go"), "blocks": [*blocks], **more}


def text_input(block_id: str, **more: Any) -> Json:
    """An input block with one line of text."""
    element = {"type": "plain_text_input", "action_id": "typed", **more.pop("element", {})}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **more}


def with_scopes(*scopes: str) -> Json:
    """The manifest with these scopes only."""
    return MANIFEST | {"oauth_config": {"scopes": {"bot": [*scopes]}}}


@asynccontextmanager
async def workspace(
    tmp_path: Path, *, clock: ManualClock | None = None, socket: bool = False, document: Json = MANIFEST
) -> AsyncIterator[Workspace]:
    """Acme, with an app that listens."""
    manifest = write_manifest(tmp_path, document)
    async with listening_app() as app:
        slack = SlackStandIn(
            clock=clock or WallClock(),
            manifest_path=manifest,
            signing_secret=SECRET,
            bot_token=BOT_TOKEN,
            app_token=APP_TOKEN,
            deliver_to=None if socket else app.url,
        )
        await slack.start()
        client = AsyncWebClient(token=BOT_TOKEN, base_url=slack.url + "/api/", retry_handlers=[])
        try:
            yield Workspace(slack, app, client, manifest)
        finally:
            await slack.stop()
