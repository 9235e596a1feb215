"""The Slack stand-in's messages, through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack.seed import ADA, FORMER, GUEST
from tests.contract.playground_slack import (
    APP_TOKEN,
    MANIFEST,
    ManualClock,
    Workspace,
    section,
    with_scopes,
    workspace,
)

DEPLOYS = "C0DEPLOYS1"


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        await made.act("rate_limits", on=False)
        yield made


async def error_of(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_tokens_and_methods_are_checked(acme: Workspace) -> None:
    answer = await acme.client.auth_test()
    assert (answer["team"], answer["user_id"]) == ("Acme", "U0SLIPWAY1")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    url = acme.slack.url + "/api/"
    assert await error_of(AsyncWebClient(token="xoxb-other", base_url=url).auth_test()) == "invalid_auth"
    assert await error_of(AsyncWebClient(base_url=url).auth_test()) == "not_authed"
    app = AsyncWebClient(token=APP_TOKEN, base_url=url)
    assert await error_of(app.chat_postMessage(channel=DEPLOYS, text="x")) == "not_allowed_token_type"
    assert (
        await error_of(acme.client.apps_connections_open(app_token="xoxb-play")) == "not_allowed_token_type"
    )
    assert await error_of(acme.client.api_call("chat.sing")) == "unknown_method"
    assert (await acme.client.api_test(foo="bar"))["args"] == {"foo": "bar"}


async def test_posts_where_the_app_may(acme: Workspace) -> None:
    post = acme.client.chat_postMessage
    assert (await post(channel="#deploys", text="by name"))["channel"] == DEPLOYS
    assert (await post(channel=ADA, text="to a person"))["channel"] == acme.slack.world.app_channel(ADA).id
    assert await error_of(post(channel="C0GENERAL1", text="x")) == "not_in_channel"
    assert await error_of(post(channel="C0NOWHERE0", text="x")) == "channel_not_found"
    assert await error_of(post(channel=FORMER, text="x")) == "channel_not_found"
    assert await error_of(acme.client.api_call("chat.postMessage", params={"channel": DEPLOYS})) == "no_text"
    assert await error_of(post(channel=DEPLOYS, text="x" * 40_001)) == "msg_too_long"
    await acme.act("archive", channel="#deploys")
    assert await error_of(post(channel=DEPLOYS, text="x")) == "is_archived"
    assert [m.text for m in acme.slack.messages("#deploys")] == ["by name"]
    assert [m.text for m in acme.slack.direct_messages("ada")] == ["to a person"]


async def test_scopes_come_from_the_manifest(tmp_path: Path) -> None:
    async with workspace(tmp_path, document=with_scopes("chat:write")) as acme:
        with pytest.raises(SlackApiError) as caught:
            await acme.client.users_info(user=ADA)
        assert caught.value.response["error"] == "missing_scope"
        assert caught.value.response["needed"] == "users:read"
        assert caught.value.response["provided"] == "chat:write"
        await acme.client.chat_postMessage(channel=DEPLOYS, text="x")
        assert await error_of(acme.client.conversations_history(channel=DEPLOYS)) == "missing_scope"


async def test_public_channels_with_the_scope_for_them(tmp_path: Path) -> None:
    async with workspace(tmp_path, document=with_scopes("chat:write", "chat:write.public")) as acme:
        await acme.client.chat_postMessage(channel="C0GENERAL1", text="x")
        assert await error_of(
            acme.client.chat_postEphemeral(channel=DEPLOYS, user="U0NOBODY00", text="x")
        ) == ("user_not_in_channel")


async def test_updates_keep_what_is_not_sent(acme: Workspace) -> None:
    posted = await acme.client.chat_postMessage(
        channel=DEPLOYS,
        text="one",
        blocks=[section("b")],
        metadata={"event_type": "card", "event_payload": {"n": 1}},
    )
    ts, update = posted["ts"], acme.client.chat_update
    kept = await update(channel=DEPLOYS, ts=ts, text="two")
    assert kept["message"]["blocks"][0]["text"]["text"] == "b"
    assert kept["message"]["edited"]["user"] == "U0SLIPWAY1"
    assert kept["message"]["metadata"]["event_payload"] == {"n": 1}
    gone = await update(channel=DEPLOYS, ts=ts, text="three", blocks=[])
    assert "blocks" not in gone["message"]
    assert await error_of(update(channel=DEPLOYS, ts=ts, text="x" * 4_001)) == "msg_too_long"
    assert await error_of(update(channel=DEPLOYS, ts="1.000001", text="x")) == "message_not_found"
    assert await error_of(update(channel="#deploys", ts=ts, text="x")) == "channel_not_found"
    await acme.slack.send("ada", "#deploys", "mine")
    mine = acme.slack.messages("#deploys")[-1].ts
    assert await error_of(update(channel=DEPLOYS, ts=mine, text="x")) == "cant_update_message"
    assert await error_of(acme.client.chat_delete(channel=DEPLOYS, ts=mine)) == "cant_delete_message"
    await acme.client.chat_delete(channel=DEPLOYS, ts=ts)
    assert [m.text for m in acme.slack.messages("#deploys")] == ["mine"]


async def test_threads(acme: Workspace) -> None:
    root = (await acme.client.chat_postMessage(channel=DEPLOYS, text="root"))["ts"]
    reply = await acme.client.chat_postMessage(channel=DEPLOYS, text="reply", thread_ts=root)
    again = await acme.client.chat_postMessage(channel=DEPLOYS, text="again", thread_ts=reply["ts"])
    assert again["message"]["thread_ts"] == root, "a reply's ts leads to the root"
    await acme.client.chat_postMessage(channel=DEPLOYS, text="loud", thread_ts=root, reply_broadcast=True)
    history = await acme.client.conversations_history(channel=DEPLOYS)
    assert [m["text"] for m in history["messages"]] == ["loud", "root"]
    assert history["messages"][1]["reply_count"] == 3
    replies = await acme.client.conversations_replies(channel=DEPLOYS, ts=root)
    assert [m["text"] for m in replies["messages"]] == ["root", "reply", "again", "loud"]
    nowhere = acme.client.chat_postMessage(channel=DEPLOYS, text="x", thread_ts="1.000001")
    assert await error_of(nowhere) == "cannot_reply_to_message"


async def test_history_gives_metadata_only_when_asked_and_pages(acme: Workspace) -> None:
    for number in range(3):
        await acme.client.chat_postMessage(
            channel=DEPLOYS,
            text=str(number),
            metadata={"event_type": "outbox", "event_payload": {"id": number}},
        )
    plain = await acme.client.conversations_history(channel=DEPLOYS, limit=2)
    assert [m["text"] for m in plain["messages"]] == ["2", "1"]
    assert plain["has_more"] and all("metadata" not in m for m in plain["messages"])
    rest = await acme.client.conversations_history(
        channel=DEPLOYS,
        limit=2,
        include_all_metadata=True,
        cursor=plain["response_metadata"]["next_cursor"],
    )
    assert [m["metadata"]["event_payload"]["id"] for m in rest["messages"]] == [0]
    newest = plain["messages"][0]["ts"]
    assert (await acme.client.conversations_history(channel=DEPLOYS, oldest=newest))["messages"] == []
    only = await acme.client.conversations_history(channel=DEPLOYS, oldest=newest, inclusive=True)
    assert [m["text"] for m in only["messages"]] == ["2"]
    assert await error_of(acme.client.conversations_history(channel=DEPLOYS, cursor="%")) == "invalid_cursor"
    bad = acme.client.chat_postMessage(channel=DEPLOYS, text="x", metadata={"event_type": "x"})
    assert await error_of(bad) == "invalid_metadata_format"


async def test_ephemeral_messages_are_for_one_and_stay_as_they_are(acme: Workspace) -> None:
    whisper = acme.client.chat_postEphemeral
    ts = (await whisper(channel=DEPLOYS, user=ADA, text="psst"))["message_ts"]
    assert [m.text for m in acme.slack.ephemerals("ada")] == ["psst"]
    assert acme.slack.ephemerals("grace") == []
    assert acme.slack.messages("#deploys") == []
    assert await error_of(acme.client.chat_update(channel=DEPLOYS, ts=ts, text="x")) == "message_not_found"
    assert await error_of(whisper(channel="C0APIDEPLO", user=GUEST, text="x")) == "user_not_in_channel"


async def test_refused_blocks_name_the_place(acme: Workspace) -> None:
    with pytest.raises(SlackApiError) as caught:
        await acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=[section("x" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    told = caught.value.response["response_metadata"]["messages"]
    assert told == ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
    many = [section("x" * 2900) for _ in range(5)]
    assert (
        await error_of(acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=many))
        == "msg_blocks_too_long"
    )
    wrong = acme.client.api_call("chat.postMessage", params={"channel": DEPLOYS, "blocks": "[{"})
    assert await error_of(wrong) == "invalid_blocks_format"
    plan = [{"type": "plan", "title": "t", "tasks": []}]
    await acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=plan)
    await acme.act("refuse_blocks", types=["plan"])
    assert (
        await error_of(acme.client.chat_postMessage(channel=DEPLOYS, text="x", blocks=plan))
        == "invalid_blocks"
    )


async def test_unfurls_links_of_people(acme: Workspace) -> None:
    await acme.slack.send("ada", "#deploys", "see https://slipway.example/d/1?a=1&b=2")
    link = (await acme.app.wait_for(1))[0].body["event"]
    assert link["type"] == "link_shared"
    assert link["links"] == [{"domain": "slipway.example", "url": "https://slipway.example/d/1?a=1&b=2"}]
    card = {link["links"][0]["url"]: {"blocks": [section("Deployment 1")]}}
    await acme.client.chat_unfurl(channel=link["channel"], ts=link["message_ts"], unfurls=card)
    await acme.client.chat_unfurl(unfurl_id=link["unfurl_id"], source=link["source"], unfurls=card)
    assert len(acme.slack.messages("#deploys")[0].attachments) == 1
    other: dict[str, Any] = {"https://elsewhere.example": {}}
    wrong = acme.client.chat_unfurl(channel=link["channel"], ts=link["message_ts"], unfurls=other)
    assert await error_of(wrong) == "cannot_unfurl_url"


async def test_direct_messages_need_the_messages_tab(tmp_path: Path) -> None:
    home = {"home_tab_enabled": False, "messages_tab_enabled": False}
    document = MANIFEST | {"features": MANIFEST["features"] | {"app_home": home}}
    async with workspace(tmp_path, document=document) as acme:
        post = acme.client.chat_postMessage(channel=ADA, text="x")
        assert await error_of(post) == "messages_tab_disabled"
        publish = acme.client.views_publish(user_id=ADA, view={"type": "home", "blocks": []})
        assert await error_of(publish) == "not_enabled"
        refused = await acme.slack.send("ada", acme.slack.world.app_channel(ADA).id, "hello")
        assert refused == {"ok": False, "error": "Sending messages to this app has been turned off."}


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (lambda c: c.chat_postMessage(channel=DEPLOYS, text="x"), 4),
        (lambda c: c.users_list(), 20),
        (lambda c: c.users_lookupByEmail(email="ada@acme.example"), 50),
        (lambda c: c.users_info(user=ADA), 100),
    ],
)
async def test_rate_limits(
    tmp_path: Path, call: Callable[[AsyncWebClient], Awaitable[Any]], allowed: int
) -> None:
    clock = ManualClock()
    async with workspace(tmp_path, clock=clock) as acme:
        for _ in range(allowed):
            await call(acme.client)
        with pytest.raises(SlackApiError) as caught:
            await call(acme.client)
        assert caught.value.response.status_code == 429
        assert caught.value.response["error"] == "ratelimited"
        clock.advance(int(caught.value.response.headers["Retry-After"]))
        await call(acme.client)
        await acme.act("rate_limits", on=False)
        for _ in range(3):
            await call(acme.client)


async def test_one_channel_does_not_slow_another(tmp_path: Path) -> None:
    async with workspace(tmp_path, clock=ManualClock()) as acme:
        for _ in range(4):
            await acme.client.chat_postMessage(channel=DEPLOYS, text="x")
        assert await error_of(acme.client.chat_postMessage(channel="#deploys", text="x")) == "ratelimited"
        await acme.client.chat_postMessage(channel="C0APIDEPLO", text="x")


async def test_timestamps_are_the_clock_and_never_equal(tmp_path: Path) -> None:
    async with workspace(tmp_path, clock=ManualClock()) as acme:
        stamps = [(await acme.client.chat_postMessage(channel=DEPLOYS, text="x"))["ts"] for _ in range(3)]
    assert stamps == ["1772442000.000000", "1772442000.000001", "1772442000.000002"]
