"""Faults, journal, acts, uploads and the directory of the Slack stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackStandIn
from bot.playground.slack.interactions import NotPossible
from bot.playground.slack.seed import ADA, FORMER, GRACE, GUEST, MARGARET, STRANGER
from tests.contract.playground_slack import (
    BOT_TOKEN,
    MANIFEST,
    Json,
    ManualClock,
    Workspace,
    button,
    listening_app,
    section,
    workspace,
)

DEPLOYS, BOT = "C0DEPLOYS1", "U0SLIPWAY1"


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


async def error_of(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def fault(acme: Workspace, where: str, kind: str, times: int = 1, token: str | None = None) -> int:
    headers = {"X-Play-Token": acme.slack.control.token if token is None else token}
    body = {"where": where, "kind": kind, "times": times}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(acme.slack.url + "/_play/faults", json=body) as response,
    ):
        return response.status


async def test_a_lost_answer_is_a_message_nobody_knows_of(acme: Workspace) -> None:
    await fault(acme, "chat.postMessage", "lose_answer")
    with pytest.raises(aiohttp.ClientError):
        await acme.client.chat_postMessage(channel=DEPLOYS, text="x")
    assert [m.text for m in acme.slack.messages("#deploys")] == ["x"]
    await fault(acme, "chat.postMessage", "drop")
    with pytest.raises(aiohttp.ClientError):
        await acme.client.chat_postMessage(channel=DEPLOYS, text="y")
    assert len(acme.slack.messages("#deploys")) == 1
    calls = acme.slack.control.calls("chat.postMessage")
    assert [(call.fault, call.happened) for call in calls] == [("lose_answer", True), ("drop", False)]
    assert '"text": "x"' in calls[0].body


async def test_the_clients_default_retry_posts_twice(acme: Workspace) -> None:
    client = AsyncWebClient(
        token=BOT_TOKEN,
        base_url=acme.slack.url + "/api/",
        retry_handlers=[AsyncConnectionErrorRetryHandler()],
    )
    await fault(acme, "chat.postMessage", "lose_answer")
    await client.chat_postMessage(channel=DEPLOYS, text="x")
    assert len(acme.slack.messages("#deploys")) == 2, "the trap the product has to avoid"


async def test_faults_speak_as_slack_does(acme: Workspace) -> None:
    await fault(acme, "chat.update", "rate_limit")
    with pytest.raises(SlackApiError) as caught:
        await acme.client.chat_update(channel=DEPLOYS, ts="1.0", text="x")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["Retry-After"] == "1"
    await fault(acme, "chat.update", "error_503")
    assert await error_of(acme.client.chat_update(channel=DEPLOYS, ts="1.0", text="x")) == "internal_error"
    assert await fault(acme, "chat.update", "nonsense") == 400
    assert await fault(acme, "chat.update", "drop", token="guessed") == 403


async def test_a_call_can_be_held_before_its_answer(acme: Workspace) -> None:
    await fault(acme, "chat.postMessage", "hold_after")
    call = asyncio.create_task(acme.client.chat_postMessage(channel=DEPLOYS, text="x"))
    await acme.slack.until(lambda: len(acme.slack.messages("#deploys")) == 1)
    assert not call.done()
    await acme.act("release")
    assert (await call)["ok"]


async def test_the_pages_own_calls_are_not_in_the_journal(acme: Workspace) -> None:
    await acme.slack.command("ada", "#deploys", "/deploy")
    async with aiohttp.ClientSession() as session:
        await session.get(acme.slack.url + "/_page/bootstrap")
        await session.post(acme.app.heard[0].body["response_url"], json={"text": "x"})
    assert [entry.where for entry in acme.slack.control.journal] == ["response_url"]


async def test_acts_do_what_a_person_does(acme: Workspace) -> None:
    assert (await acme.act("command", person="ada", channel="#deploys", text="/deploy api"))["ok"]
    assert acme.app.heard[0].body["text"] == "api"
    await acme.act("message", person="ada", channel="#deploys", text="hello")
    [shown] = (await acme.act("messages", channel="#deploys"))["messages"]
    await acme.act("delete_message", channel="#deploys", ts=shown["ts"])
    assert acme.slack.messages("#deploys") == []
    await acme.client.chat_postEphemeral(channel=DEPLOYS, user=ADA, text="psst")
    assert [m["text"] for m in (await acme.act("ephemerals", person="ada"))["messages"]] == ["psst"]
    await acme.act("leave", channel="#deploys")
    assert await error_of(acme.client.chat_postMessage(channel=DEPLOYS, text="x")) == "not_in_channel"
    await acme.client.conversations_join(channel=DEPLOYS)
    await acme.client.chat_postMessage(channel=DEPLOYS, text="back")


async def test_acts_click_and_submit(acme: Workspace) -> None:
    element = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
    blocks = [{"type": "actions", "elements": [element]}]
    ts = (await acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=blocks))["ts"]
    await acme.act("click", person="ada", channel="#deploys", message_ts=ts, action_id="go")
    label = {"type": "plain_text", "text": "Why"}
    inputs = {"type": "plain_text_input", "action_id": "why"}
    form = {
        "type": "modal",
        "title": label,
        "submit": label,
        "blocks": [{"type": "input", "label": label, "element": inputs}],
    }
    await acme.client.views_open(trigger_id=acme.app.heard[0].body["trigger_id"], view=form)
    [view] = (await acme.act("views", person="ada"))["views"]
    await acme.act("submit", person="ada", view_id=view["id"], values={"why": "because"})
    values = acme.app.heard[1].body["view"]["state"]["values"]
    assert [entry["why"]["value"] for entry in values.values()] == ["because"]
    with pytest.raises(AssertionError, match="wants person"):
        await acme.act("command", channel="#deploys", text="/deploy")


async def test_the_app_is_invited_and_uninstalled(acme: Workspace) -> None:
    await acme.act("invite", channel="#general")
    await acme.client.chat_postMessage(channel="C0GENERAL1", text="x")
    joined = (await acme.app.wait_for(1))[0].body["event"]
    assert (joined["type"], joined["user"], joined["channel"]) == ("member_joined_channel", BOT, "C0GENERAL1")
    await acme.act("uninstall")
    assert (await acme.app.wait_for(2))[1].body["event"]["type"] == "app_uninstalled"
    assert await error_of(acme.client.auth_test()) == "account_inactive"


async def test_latency_is_by_the_clock(tmp_path: Path) -> None:
    clock = ManualClock()
    async with workspace(tmp_path, clock=clock) as acme:
        acme.slack.backend.latency = 0.3
        call = asyncio.create_task(acme.client.auth_test())
        await clock.asleep(0.3)
        assert not call.done()
        clock.advance(0.3)
        assert (await call)["ok"]


async def test_an_app_that_starts_after_its_slack(acme: Workspace) -> None:
    async with listening_app() as later:
        acme.slack.deliver_to(later.url)
        await acme.slack.command("ada", "#deploys", "/deploy")
        assert (len(later.heard), len(acme.app.heard)) == (1, 0)
    await acme.slack.command("ada", "#deploys", "/deploy")
    assert acme.slack.ephemerals("ada")[0].text == '`/deploy` failed with the error "dispatch_failed"'
    assert [sent.receipt.outcome for sent in acme.slack.deliveries if sent.receipt] == [
        "answered",
        "unreachable",
    ]


async def test_what_is_gone_cannot_be_clicked(acme: Workspace) -> None:
    blocks = [section("x", accessory=button("go"))]
    await acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=blocks)
    [card] = acme.slack.messages("#deploys")
    await acme.client.chat_delete(channel=DEPLOYS, ts=card.ts)
    with pytest.raises(NotPossible):
        await acme.slack.click("ada", card, "go")


async def test_people_as_the_directory_shows_them(acme: Workspace) -> None:
    people = {p["id"]: p for p in (await acme.client.users_list())["members"]}
    assert people[GUEST]["is_restricted"] is True
    assert people[STRANGER]["is_stranger"] is True and people[STRANGER]["team_id"] == "T0GLOBEX01"
    assert "email" not in people[STRANGER]["profile"]
    assert people[FORMER]["deleted"] is True
    assert (people[ADA]["tz"], people[ADA]["profile"]["email"]) == ("Europe/London", "ada@acme.example")
    assert (await acme.client.users_lookupByEmail(email="Ada@acme.example"))["user"]["id"] == ADA
    for email in ("dennis@acme.example", "sam@globex.example", "nobody@acme.example"):
        assert await error_of(acme.client.users_lookupByEmail(email=email)) == "users_not_found"
    assert await error_of(acme.client.users_info(user="U0NOBODY00")) == "user_not_found"
    groups = {g["handle"]: g["id"] for g in (await acme.client.usergroups_list())["usergroups"]}
    assert (await acme.client.usergroups_users_list(usergroup=groups["sre"]))["users"] == [ADA, MARGARET]
    assert await error_of(acme.client.usergroups_users_list(usergroup="S0NOTHING0")) == "no_such_subteam"
    assert (await acme.client.bots_info(bot="B0SLIPWAY1"))["bot"]["app_id"] == "A0SLIPWAY1"


async def test_emails_need_their_scope(tmp_path: Path) -> None:
    document: Json = MANIFEST | {"oauth_config": {"scopes": {"bot": ["users:read"]}}}
    async with workspace(tmp_path, document=document) as acme:
        assert "email" not in (await acme.client.users_info(user=ADA))["user"]["profile"]


async def test_conversations(acme: Workspace) -> None:
    listed = await acme.client.conversations_list(types="public_channel,private_channel", limit=3)
    assert len(listed["channels"]) == 3
    rest = await acme.client.conversations_list(
        types="public_channel,private_channel", cursor=listed["response_metadata"]["next_cursor"]
    )
    assert len(rest["channels"]) == 3
    info = (await acme.client.conversations_info(channel="C0PAYMENTS"))["channel"]
    assert (info["is_ext_shared"], info["is_member"]) == (True, True)
    assert STRANGER in (await acme.client.conversations_members(channel="C0PAYMENTS"))["members"]
    direct = (await acme.client.conversations_open(users=[ADA]))["channel"]["id"]
    assert direct == acme.slack.world.app_channel(ADA).id
    group = (await acme.client.conversations_open(users=[GRACE]))["channel"]["id"]
    assert group != direct
    assert await error_of(acme.client.conversations_open(users=[FORMER])) == "user_disabled"
    several = (await acme.client.conversations_open(users=[ADA, GRACE]))["channel"]["id"]
    assert (await acme.client.conversations_open(users=[GRACE, ADA]))["channel"]["id"] == several
    await acme.client.chat_postMessage(channel=several, text="to both")
    assert [m.text for m in acme.slack.messages(several)] == ["to both"]
    assert await error_of(acme.client.conversations_join(channel="C0AUDIT001")) == (
        "method_not_supported_for_channel_type"
    )
    acme.slack.world.channels["C0AUDIT001"].members.remove("U0SLIPWAY1")
    assert await error_of(acme.client.conversations_info(channel="C0AUDIT001")) == "channel_not_found"


async def test_uploads_by_the_clients_own_helper(acme: Workspace) -> None:
    root = (await acme.client.chat_postMessage(channel=DEPLOYS, text="card"))["ts"]
    answer = await acme.client.files_upload_v2(
        channel=DEPLOYS,
        content="line 1\n",
        filename="log.txt",
        title="The log",
        initial_comment="see",
        thread_ts=root,
    )
    assert answer["file"]["title"] == "The log"
    message = acme.slack.messages("#deploys")[-1]
    assert (message.text, message.thread_ts) == ("see", root)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{acme.slack.url}/_page/files/{message.files[0]}") as page:
            assert await page.text() == "line 1\n"
        async with session.get(answer["file"]["url_private"]) as private:
            assert private.status == 404, "without the token"
    early = await acme.client.files_getUploadURLExternal(filename="a.txt", length=3)
    complete = acme.client.files_completeUploadExternal(files=[{"id": early["file_id"], "title": "a"}])
    assert await error_of(complete) == "file_not_found"


async def test_reactions_and_pins(acme: Workspace) -> None:
    ts = (await acme.client.chat_postMessage(channel=DEPLOYS, text="x"))["ts"]
    await acme.client.reactions_add(channel=DEPLOYS, timestamp=ts, name="eyes")
    assert (
        await error_of(acme.client.reactions_add(channel=DEPLOYS, timestamp=ts, name="eyes"))
        == "already_reacted"
    )
    assert (
        await error_of(acme.client.reactions_add(channel=DEPLOYS, timestamp=ts, name="no no"))
        == "invalid_name"
    )
    await acme.client.pins_add(channel=DEPLOYS, timestamp=ts)
    assert await error_of(acme.client.pins_add(channel=DEPLOYS, timestamp=ts)) == "already_pinned"
    link = (await acme.client.chat_getPermalink(channel=DEPLOYS, message_ts=ts))["permalink"]
    assert link == f"{acme.slack.url}/archives/{DEPLOYS}/p{ts.replace('.', '')}"


async def test_waiting_for_a_change(acme: Workspace) -> None:
    waiting = asyncio.create_task(acme.slack.changed())
    await asyncio.sleep(0)
    await acme.slack.send("ada", "#deploys", "hi")
    await waiting
    with pytest.raises(TimeoutError):
        await acme.slack.until(lambda: False, timeout=0.01)


async def test_a_port_in_use_leaves_nothing_behind(acme: Workspace) -> None:
    other = SlackStandIn(
        clock=ManualClock(),
        manifest_path=acme.manifest,
        signing_secret="s",
        bot_token="b",
        app_token="a",
        deliver_to=None,
    )
    with pytest.raises(OSError):
        await other.start(int(acme.slack.url.rsplit(":", 1)[1]))
    await other.start()
    assert other.url != acme.slack.url
    await other.stop()
