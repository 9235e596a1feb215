"""What the Slack stand-in sends to the app: signatures, timing, retries, `response_url`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.playground.slack.delivery import Outcome
from bot.playground.slack.seed import ADA, TEAM
from tests.contract.playground_slack import (
    SECRET,
    Heard,
    Json,
    ListeningApp,
    ManualClock,
    Workspace,
    button,
    section,
    workspace,
)


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slow_acme(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path, clock=clock) as made:
        yield made


class Silence:
    """An app that takes a delivery and never answers."""

    def __init__(self, app: ListeningApp) -> None:
        self.heard, self.over = asyncio.Event(), asyncio.Event()
        app.answer = self.answer

    async def answer(self, _heard: Heard) -> web.Response:
        self.heard.set()
        await self.over.wait()
        return web.Response()


def respond(app: ListeningApp, status: int = 200, body: Json | None = None) -> None:
    async def answer(_heard: Heard) -> web.Response:
        return web.json_response(body, status=status) if body else web.Response(status=status)

    app.answer = answer


async def test_a_command_is_signed_and_has_slacks_fields(acme: Workspace) -> None:
    assert await acme.slack.command("ada", "#deploys", "/deploy api <staging> @grace #payments @sre ") == {
        "ok": True
    }
    heard = acme.app.heard[0]
    assert SignatureVerifier(SECRET).is_valid_request(heard.raw, heard.headers)
    assert not SignatureVerifier("another").is_valid_request(heard.raw, heard.headers)
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    expected = {
        "command": "/deploy",
        "user_id": ADA,
        "user_name": "ada",
        "team_id": TEAM,
        "channel_name": "deploys",
    }
    assert {key: heard.body[key] for key in expected} == expected
    assert heard.body["text"] == (
        "api &lt;staging&gt; <@U0GRACE001|grace> <#C0PAYMENTS|payments> <!subteam^S0SRE00001|@sre>"
    )
    assert heard.body["trigger_id"] and heard.body["response_url"].startswith(acme.slack.url)
    await acme.slack.command("ada", "#deploys", "/state @grace <b>")
    assert acme.app.heard[1].body["text"] == "@grace <b>", "without should_escape the words stay as typed"


async def test_the_answer_to_a_command_is_shown(acme: Workspace) -> None:
    respond(acme.app, body={"text": "only you", "blocks": [section("only you")]})
    await acme.slack.command("ada", "#deploys", "/deploy")
    assert [m.text for m in acme.slack.ephemerals("ada")] == ["only you"]
    respond(acme.app, body={"response_type": "in_channel", "text": "everybody"})
    await acme.slack.command("ada", "#general", "/deploy")
    assert [m.text for m in acme.slack.messages("#general")] == ["everybody"], (
        "also where the app is no member"
    )


async def test_a_silent_app_is_told_to_the_person_and_nothing_is_sent_again(
    slow_acme: Workspace, clock: ManualClock
) -> None:
    silence = Silence(slow_acme.app)
    typed = asyncio.create_task(slow_acme.slack.command("ada", "#deploys", "/deploy api"))
    await silence.heard.wait()
    clock.advance(2.9)
    assert not typed.done()
    clock.advance(0.2)
    assert (await typed)["ok"] is False
    silence.over.set()
    [told] = slow_acme.slack.ephemerals("ada")
    assert told.user == "USLACKBOT"
    assert told.text == '`/deploy` failed with the error "operation_timeout"'
    clock.advance(3600)
    assert len(slow_acme.app.heard) == 1


async def test_a_refusing_or_absent_app_is_told_to_the_person(acme: Workspace) -> None:
    respond(acme.app, status=503)
    await acme.slack.command("ada", "#deploys", "/deploy api")
    assert acme.slack.ephemerals("ada")[-1].text == '`/deploy` failed with the error "dispatch_failed"'
    assert len(acme.app.heard) == 1


async def test_commands_slack_does_not_know_or_allow(acme: Workspace) -> None:
    assert (await acme.slack.command("ada", "#deploys", "/nonsense"))["ok"] is False
    refused = await acme.slack.send("ada", "#deploys", "/deploy api", thread_ts="1.000001")
    assert refused["error"] == "`/deploy` is not supported in threads. Sorry!"
    assert acme.app.heard == []
    assert [m.user for m in acme.slack.ephemerals("ada")] == ["USLACKBOT", "USLACKBOT"]


async def test_events_come_again_at_once_after_one_minute_and_after_five(
    slow_acme: Workspace, clock: ManualClock
) -> None:
    respond(slow_acme.app, status=500)
    await slow_acme.slack.send("ada", "#deploys", "hello @slipway")
    await slow_acme.app.wait_for(2)
    for count, pause in ((3, 60), (4, 300)):
        await clock.asleep(pause)
        clock.advance(pause - 1)
        assert len(slow_acme.app.heard) == count - 1
        clock.advance(1)
        await slow_acme.app.wait_for(count)
    heard = slow_acme.app.heard
    assert len({one.body["event_id"] for one in heard}) == 1
    assert [one.headers.get("X-Slack-Retry-Num") for one in heard] == [None, "1", "2", "3"]
    assert heard[1].headers["X-Slack-Retry-Reason"] == "http_error"
    assert len({one.headers["X-Slack-Signature"] for one in heard}) == 3, "the first two fall into one second"


async def test_an_event_carries_its_envelope(acme: Workspace) -> None:
    await acme.slack.send("ada", "#payments", "hello @slipway")
    [heard] = await acme.app.wait_for(1)
    assert SignatureVerifier(SECRET).is_valid_request(heard.raw, heard.headers)
    assert heard.body["type"] == "event_callback"
    assert heard.body["event"]["type"] == "app_mention"
    assert heard.body["event"]["text"] == "hello <@U0SLIPWAY1>"
    assert heard.body["is_ext_shared_channel"] is True
    assert heard.body["event_id"].startswith("Ev")


async def test_direct_messages_are_heard_also_the_apps_own(acme: Workspace) -> None:
    direct = acme.slack.world.app_channel(ADA).id
    await acme.slack.send("ada", direct, "hi")
    await acme.client.chat_postMessage(channel=direct, text="hello")
    heard = await acme.app.wait_for(2)
    events = sorted((one.body["event"] for one in heard), key=lambda event: str(event["ts"]))
    assert [(e["type"], e["channel_type"], e.get("bot_id")) for e in events] == [
        ("message", "im", None),
        ("message", "im", "B0SLIPWAY1"),
    ]


async def test_the_home_tab_is_announced_and_people_leave(acme: Workspace) -> None:
    assert await acme.slack.open_home("ada") is None
    [opened] = await acme.app.wait_for(1)
    assert (opened.body["event"]["type"], opened.body["event"]["user"]) == ("app_home_opened", ADA)
    await acme.act("deactivate", person="margaret")
    left = (await acme.app.wait_for(2))[1].body["event"]
    assert (left["type"], left["user"]["deleted"]) == ("user_change", True)
    groups = await acme.client.usergroups_users_list(usergroup="S0SRE00001")
    assert groups["users"] == [ADA]


async def test_url_verification(acme: Workspace) -> None:
    respond(acme.app, body={"challenge": "abc"})
    receipt = await acme.slack.verify_url("abc")
    assert (receipt.outcome, receipt.answer) == (Outcome.ANSWERED, {"challenge": "abc"})
    assert acme.app.heard[0].body["type"] == "url_verification"


async def test_response_url_works_five_times(acme: Workspace) -> None:
    await acme.slack.command("ada", "#deploys", "/deploy")
    client = AsyncWebhookClient(acme.app.heard[0].body["response_url"])
    for number in range(5):
        assert (await client.send(text=str(number))).status_code == 200
    used = await client.send(text="once more")
    assert (used.status_code, "used_url" in used.body) == (404, True)
    assert len(acme.slack.ephemerals("ada")) == 5


async def test_response_url_lives_thirty_minutes(slow_acme: Workspace, clock: ManualClock) -> None:
    await slow_acme.slack.command("ada", "#deploys", "/deploy")
    client = AsyncWebhookClient(slow_acme.app.heard[0].body["response_url"])
    clock.advance(30 * 60)
    assert (await client.send(text="in time")).status_code == 200
    clock.advance(1)
    assert "expired_url" in (await client.send(text="late")).body
    invalid = AsyncWebhookClient(slow_acme.slack.url + "/response/0000")
    assert (await invalid.send(text="x")).status_code == 404


async def test_response_url_of_a_click_changes_what_was_clicked(acme: Workspace) -> None:
    respond(acme.app, body={"text": "sure?", "blocks": [section("sure?", accessory=button("yes"))]})
    await acme.slack.command("ada", "#deploys", "/deploy")
    respond(acme.app)
    [asked] = acme.slack.ephemerals("ada")
    assert await acme.slack.click("ada", asked, "yes") == {"ok": True}
    clicked = acme.app.heard[-1].body
    assert clicked["container"]["is_ephemeral"] is True
    assert "message" not in clicked
    client = AsyncWebhookClient(clicked["response_url"])
    assert (await client.send(text="done", replace_original=True)).status_code == 200
    assert [(m.text, m.blocks) for m in acme.slack.ephemerals("ada")] == [("done", [])]
    bad = await client.send(text="x", blocks=[{"type": "nope"}])
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)
    await client.send(delete_original=True)
    assert acme.slack.ephemerals("ada") == []


async def test_raw_deliveries_for_what_a_stranger_would_send(acme: Workspace) -> None:
    await acme.act("deliver", body="{}", headers={"X-Slack-Signature": "v0=0"}, timestamp="123")
    assert not SignatureVerifier(SECRET).is_valid_request(acme.app.heard[0].raw, acme.app.heard[0].headers)
    await acme.slack.command("ada", "#deploys", "/deploy api")
    answer = await acme.act("redeliver")
    assert answer["status"] == 200
    assert acme.app.heard[1].raw == acme.app.heard[2].raw
