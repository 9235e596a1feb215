"""The page's API of the Slack stand-in, over HTTP as a browser uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.playground.slack.director_port import ActResult, DirectorAct
from bot.playground.slack.seed import ADA, FORMER, GRACE, GUEST, STRANGER
from tests.contract.playground_slack import (
    Heard,
    Json,
    Workspace,
    button,
    modal,
    section,
    text_input,
    workspace,
)

DEPLOYS = "C0DEPLOYS1"


class Browser:
    """Calls the page's API and gives back status and JSON."""

    def __init__(self, acme: Workspace, session: aiohttp.ClientSession) -> None:
        self.acme, self.session = acme, session

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.session.get(self.acme.slack.url + path, headers=headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else await response.text()

    async def post(self, name: str, body: Json, **headers: str) -> tuple[int, Any]:
        url = f"{self.acme.slack.url}/_page/{name}"
        async with self.session.post(url, json=body, headers=headers) as response:
            return response.status, await response.json()

    @asynccontextmanager
    async def stream(self, person: str) -> AsyncIterator[aiohttp.StreamReader]:
        async with self.session.get(f"{self.acme.slack.url}/_page/stream?person={person}") as response:
            assert response.content_type == "text/event-stream"
            assert await response.content.readuntil(b"\n\n") == b": connected\n\n"
            yield response.content


async def next_event(stream: aiohttp.StreamReader) -> Json:
    async with asyncio.timeout(5):
        line = await stream.readuntil(b"\n\n")
    event: Json = json.loads(line.removeprefix(b"data: "))
    return event


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


@pytest.fixture
async def browser(acme: Workspace) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(acme, session)


class Stage:
    """A director with one act."""

    def acts(self) -> list[DirectorAct]:
        return [{"name": "rain", "label": "Rain", "hint": "It rains", "fields": []}]

    async def perform(self, name: str, args: dict[str, Any]) -> ActResult:
        return {"ok": name == "rain", "text": f"{name} {args}"}


async def test_bootstrap_shows_what_one_person_sees(browser: Browser) -> None:
    _, first = await browser.get("/_page/bootstrap")
    assert (first["me"]["id"], first["team"]["name"]) == (ADA, "Acme")
    assert [c["command"] for c in first["commands"]] == ["/deploy", "/state"]
    assert {c["name"] for c in first["channels"]} >= {"deploys", "audit", "general", "payments"}
    assert [p["id"] for p in first["people"] if not p["selectable"] and not p["is_bot"]] == [FORMER]
    assert {g["handle"] for g in first["usergroups"]} == {"sre", "payments"}
    assert first["app"]["channel"] in [c["id"] for c in first["channels"] if c["kind"] == "app"]
    _, guest = await browser.get(f"/_page/bootstrap?person={GUEST}")
    assert {c["name"] for c in guest["channels"]} == {"general", "deploys", "slipway"}
    _, stranger = await browser.get(f"/_page/bootstrap?person={STRANGER}")
    assert {c["name"] for c in stranger["channels"]} == {"payments", "slipway"}
    assert (await browser.get(f"/_page/bootstrap?person={FORMER}"))[0] == 400


async def test_messages_and_unread_counts(browser: Browser, acme: Workspace) -> None:
    await acme.client.chat_postMessage(channel=DEPLOYS, text="for all")
    await acme.client.chat_postEphemeral(channel=DEPLOYS, user=ADA, text="for ada")
    unread = {c["id"]: c["unread"] for c in (await browser.get("/_page/bootstrap"))[1]["channels"]}
    assert unread[DEPLOYS] == 1
    _, ada = await browser.get(f"/_page/messages?person={ADA}&channel={DEPLOYS}")
    assert [(m["text"], m["ephemeral"]) for m in ada["messages"]] == [("for all", False), ("for ada", True)]
    _, grace = await browser.get(f"/_page/messages?person={GRACE}&channel={DEPLOYS}")
    assert [m["text"] for m in grace["messages"]] == ["for all"]
    unread = {c["id"]: c["unread"] for c in (await browser.get("/_page/bootstrap"))[1]["channels"]}
    assert unread[DEPLOYS] == 0
    assert (await browser.get(f"/_page/messages?person={GUEST}&channel=C0AUDIT001"))[0] == 400


async def test_the_stream_tells_what_this_person_sees(browser: Browser, acme: Workspace) -> None:
    async with browser.stream(ADA) as ada, browser.stream(GUEST) as guest:
        sent = await browser.post("send", {"person": ADA, "channel": DEPLOYS, "text": "hi @grace & <co>"})
        assert sent == (200, {"ok": True})
        event = await next_event(ada)
        assert (event["type"], event["channel"]) == ("message", DEPLOYS)
        assert event["message"]["text"] == "hi <@U0GRACE001> &amp; &lt;co&gt;"
        assert (await next_event(guest))["message"] == event["message"]
        posted = await acme.client.chat_postMessage(channel="C0APIDEPLO", text="not for guests")
        await acme.client.chat_postMessage(channel="C0APIDEPLO", text="reply", thread_ts=posted["ts"])
        await acme.client.chat_postEphemeral(channel=DEPLOYS, user=GUEST, text="for the guest")
        told = await next_event(guest)
        assert (told["type"], told["message"]["text"]) == ("ephemeral", "for the guest")
        assert [(await next_event(ada))["type"] for _ in range(3)] == [
            "message",
            "message",
            "message_changed",
        ]
        await acme.client.chat_update(channel="C0APIDEPLO", ts=posted["ts"], text="edited")
        changed = await next_event(ada)
        assert (changed["type"], changed["message"]["text"]) == ("message_changed", "edited")
        assert (changed["message"]["reply_count"], changed["message"]["edited"] is None) == (1, False)
        await acme.client.reactions_add(channel="C0APIDEPLO", timestamp=posted["ts"], name="eyes")
        assert (await next_event(ada))["reaction"] == "eyes"
        await acme.client.chat_delete(channel="C0APIDEPLO", ts=posted["ts"])
        gone = await next_event(ada)
        assert (gone["type"], gone["ts"]) == ("message_deleted", posted["ts"])


async def test_a_command_with_its_form(browser: Browser, acme: Workspace) -> None:
    async def open_form(heard: Heard) -> web.Response:
        if heard.body.get("command"):
            form = modal(text_input("service"))
            await acme.client.views_open(trigger_id=heard.body["trigger_id"], view=form)
        return web.Response()

    acme.app.answer = open_form
    async with browser.stream(ADA) as stream:
        await browser.post("send", {"person": ADA, "channel": DEPLOYS, "text": "/deploy"})
        event = await next_event(stream)
        view = event["view"]
        assert (event["type"], view["title"]["text"]) == ("view_opened", "Deploy")
        assert (await browser.get(f"/_page/views?person={ADA}"))[1]["views"] == [view]
        body = {"person": ADA, "view_id": view["id"], "state": {"values": {}}}
        status, refused = await browser.post("submit", body)
        assert (status, refused["ok"], list(refused["errors"])) == (200, False, ["service"])
        typed = {"service": {"typed": {"type": "plain_text_input", "value": "api"}}}
        body["state"] = {"values": typed}
        assert (await browser.post("submit", body | {"person": GRACE}))[0] == 400, "somebody else's screen"
        assert await browser.post("submit", body) == (200, {"ok": True})
        assert (await next_event(stream))["type"] == "view_closed"
    assert acme.app.heard[-1].body["view"]["state"]["values"] == typed


async def test_clicks_close_home_and_options(browser: Browser, acme: Workspace) -> None:
    await acme.client.chat_postMessage(
        channel=DEPLOYS, text="x", blocks=[section("x", accessory=button("go"))]
    )
    [card] = acme.slack.messages("#deploys")
    click = {"person": ADA, "channel": DEPLOYS, "message_ts": card.ts, "action": {"action_id": "go"}}
    assert await browser.post("click", click) == (200, {"ok": True})
    opened = await acme.client.views_open(
        trigger_id=acme.app.heard[-1].body["trigger_id"], view=modal(section("x"))
    )
    await acme.client.views_publish(user_id=ADA, view={"type": "home", "blocks": [section("home")]})
    home = (await browser.get(f"/_page/home?person={ADA}"))[1]["view"]
    assert home["blocks"][0]["text"]["text"] == "home"
    assert (await acme.app.wait_for(2))[1].body["event"]["type"] == "app_home_opened"
    assert await browser.post("close", {"person": ADA, "view_id": opened["view"]["id"]}) == (
        200,
        {"ok": True},
    )
    assert acme.slack.opened_views("ada") == []
    ask = {
        "person": ADA,
        "channel": DEPLOYS,
        "message_ts": card.ts,
        "block_id": "x",
        "action_id": "y",
        "value": "a",
    }
    assert await browser.post("options", ask) == (200, {"options": []})
    assert await browser.post("shortcut", {"person": ADA, "callback_id": "go"}) == (200, {"ok": True})


async def test_wrong_requests_are_told_plainly(browser: Browser) -> None:
    assert await browser.post("send", {"person": ADA, "text": "x"}) == (
        400,
        {"ok": False, "error": "send channel"},
    )
    status, answer = await browser.post("send", {"person": "nobody", "channel": DEPLOYS, "text": "x"})
    assert (status, answer["error"]) == (400, "nobody is nobody who can act here")
    assert (await browser.post("director", {"name": "rain", "args": {}}))[0] == 400


async def test_only_this_machines_own_page_may_ask(browser: Browser, acme: Workspace) -> None:
    body = {"person": ADA, "channel": DEPLOYS, "text": "/deploy"}
    assert (await browser.post("send", body, Origin="https://evil.example"))[0] == 403
    assert (await browser.get("/_page/bootstrap", Host="evil.example"))[0] == 403
    assert (await browser.get(f"/_page/stream?person={ADA}", Host="evil.example"))[0] == 403
    async with browser.session.post(acme.slack.url + "/_page/send", data=json.dumps(body)) as response:
        assert response.status == 403, "a form of another site cannot send JSON"
    assert (await browser.post("send", body, Origin=acme.slack.url))[0] == 200
    assert len(acme.app.heard) == 1


async def test_static_files_stay_in_their_folder(browser: Browser) -> None:
    assert (await browser.get("/static/nothing.js"))[0] == 404
    assert (await browser.get("/static/../server.py"))[0] == 404
    assert (await browser.get("/static/%2e%2e/server.py"))[0] == 404


async def test_the_director_is_asked(browser: Browser, acme: Workspace) -> None:
    acme.slack.backend.director = Stage()
    assert (await browser.get("/_page/bootstrap"))[1]["director"][0]["name"] == "rain"
    assert await browser.post("director", {"name": "rain", "args": {"a": 1}}) == (
        200,
        {"ok": True, "text": "rain {'a': 1}"},
    )


async def test_stopping_ends_the_streams(tmp_path: Path) -> None:
    async with (
        workspace(tmp_path) as acme,
        aiohttp.ClientSession() as session,
        Browser(acme, session).stream(ADA) as stream,
    ):
        async with asyncio.timeout(1.5):
            await acme.slack.stop()
        assert await stream.read() == b""
