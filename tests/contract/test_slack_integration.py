"""Slack behind the ports Chat and FormOpener, through the real client against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.core.effects import Posted
from bot.core.errors import Ambiguous, BlocksRefused, HistoryClosed, NeedsHuman, Transient
from bot.playground.control import Fault, FaultKind
from bot.playground.slack.seed import ADA, GUEST
from bot.playground.slack.world import Message
from integrations.slack import SlackChat, chat, make_client, whoami
from tests.contract.playground_slack import (
    ALL_SCOPES,
    BOT_TOKEN,
    Workspace,
    modal,
    section,
    with_scopes,
    workspace,
)

DEPLOYS = "C0DEPLOYS1"
MESSAGE = {"text": "#1 api", "blocks": [section("hello")]}
PLAN = {
    "type": "plan",
    "title": "x",
    "tasks": [{"type": "task_card", "task_id": "a", "title": "b", "status": "pending"}],
}
HERE = ("T0ACME0001",)


@dataclass
class Office:
    """The stand-in, and our adapter to it."""

    acme: Workspace
    chat: SlackChat

    def fault(self, where: str, kind: FaultKind, times: int = 1) -> None:
        self.acme.slack.control.faults.append(Fault(where, kind, times))

    def texts(self, channel: str = DEPLOYS) -> list[str]:
        return [each.text for each in self.acme.slack.world.channels[channel].messages.values()]

    async def post(self, operation: str = "op-1", **more: Any) -> Posted:
        return await self.chat.post(*HERE, more.pop("channel", "#deploys"), MESSAGE, operation, **more)

    async def find(self, operation: str = "op-1", channel: str = "#deploys", **more: Any) -> Posted | None:
        since = more.pop("since", datetime.now(UTC) - timedelta(minutes=5))
        return await self.chat.find(*HERE, channel, operation, since, **more)


@asynccontextmanager
async def office(tmp_path: Path, **options: Any) -> AsyncIterator[Office]:
    async with workspace(tmp_path, **options) as acme, aiohttp.ClientSession() as session:
        await acme.act("rate_limits", on=False)
        client = make_client(BOT_TOKEN, acme.slack.url + "/api/", session)
        yield Office(acme, SlackChat(client, session))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


async def test_a_post_is_found_again_by_its_operation(here: Office) -> None:
    first, second = await here.post("op-1"), await here.post("op-2")
    assert first.channel == DEPLOYS
    assert await here.find("op-1") == first
    assert await here.find("op-2", channel=DEPLOYS) == second
    assert await here.find("op-3") is None
    assert await here.find("op-1", since=datetime.now(UTC) + timedelta(minutes=1)) is None


async def test_a_reply_is_found_in_its_thread_and_shown_in_the_channel(here: Office) -> None:
    card = await here.post("card")
    reply = await here.post("reply", thread=card.ts)
    assert await here.find("reply", thread=card.ts) == reply
    shown = here.acme.slack.world.channels[DEPLOYS].messages[reply.ts]
    assert (shown.thread_ts, shown.broadcast) == (card.ts, True)


async def test_a_message_is_edited_in_place(here: Office) -> None:
    posted = await here.post()
    assert await here.chat.edit(*HERE, posted, MESSAGE | {"text": "#1 later"})
    assert here.texts() == ["#1 later"]


async def test_the_edit_of_a_deleted_message_says_that_it_is_gone(here: Office) -> None:
    posted = await here.post()
    await here.acme.act("delete_message", channel=DEPLOYS, ts=posted.ts)
    assert not await here.chat.edit(*HERE, posted, MESSAGE)


async def test_a_rate_limit_says_how_long_and_posts_nothing(here: Office) -> None:
    here.fault("chat.postMessage", FaultKind.RATE_LIMIT)
    with pytest.raises(Transient) as paused:
        await here.post()
    assert not isinstance(paused.value, Ambiguous)
    assert paused.value.retry_after == 1.0
    assert here.texts() == []


async def test_a_lost_answer_may_have_posted_and_is_found(here: Office) -> None:
    here.fault("chat.postMessage", FaultKind.LOSE_ANSWER)
    with pytest.raises(Ambiguous):
        await here.post("op-lost")
    assert len(here.acme.slack.control.calls("chat.postMessage")) == 1  # nobody repeats it behind our back
    found = await here.find("op-lost")
    assert found is not None
    assert await here.chat.edit(*HERE, found, MESSAGE)


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR_500, FaultKind.ERROR_502, FaultKind.ERROR_503, FaultKind.DROP]
)
async def test_trouble_at_slack_leaves_a_post_in_doubt(here: Office, kind: FaultKind) -> None:
    here.fault("chat.postMessage", kind)
    with pytest.raises(Ambiguous):
        await here.post()
    assert here.texts() == []


@pytest.mark.parametrize("kind", [FaultKind.ERROR_502, FaultKind.LOSE_ANSWER])
async def test_an_edit_does_no_harm_twice(here: Office, kind: FaultKind) -> None:
    posted = await here.post()
    here.fault("chat.update", kind)
    with pytest.raises(Transient) as failed:
        await here.chat.edit(*HERE, posted, MESSAGE)
    assert not isinstance(failed.value, Ambiguous)


async def test_slack_that_cannot_be_reached_did_nothing(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        client = make_client(BOT_TOKEN, f"http://127.0.0.1:{unused_tcp_port}/api/", session)
        with pytest.raises(Transient) as failed:
            await SlackChat(client, session).post(*HERE, "#deploys", MESSAGE, "op")
    assert not isinstance(failed.value, Ambiguous)
    assert failed.value.system == "Slack"


@pytest.mark.parametrize("body", [b"<html>hello</html>", b'{"ok": tru', b"[]"])
async def test_an_answer_that_is_not_slacks_leaves_a_post_in_doubt(body: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with _server(answer) as url, aiohttp.ClientSession() as session:
        client = make_client(BOT_TOKEN, url, session)
        with pytest.raises(Ambiguous):
            await SlackChat(client, session).post(*HERE, "#deploys", MESSAGE, "op")


@asynccontextmanager
async def _server(answer: Any) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_blocks_that_a_workspace_does_not_have_yet_are_told_apart(here: Office) -> None:
    await here.acme.act("refuse_blocks", types=["plan"])
    message = MESSAGE | {"blocks": [PLAN]}
    with pytest.raises(BlocksRefused, match="plan"):
        await here.chat.post(*HERE, "#deploys", message, "op")
    posted = await here.post()
    with pytest.raises(BlocksRefused):
        await here.chat.edit(*HERE, posted, message)


@pytest.mark.parametrize("channel", ["#general", "#nowhere"])
async def test_a_channel_that_is_closed_to_us_is_named(here: Office, channel: str) -> None:
    with pytest.raises(NeedsHuman) as refused:
        await here.post(channel=channel)
    assert channel in refused.value.what
    assert "Invite" in refused.value.next


async def test_a_token_that_is_no_good_is_told(here: Office) -> None:
    await here.acme.act("uninstall")
    with pytest.raises(NeedsHuman, match="does not accept our token"):
        await here.post()


async def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    scopes = [scope for scope in ALL_SCOPES.split() if scope != "chat:write"]
    async with office(tmp_path, document=with_scopes(*scopes)) as here:
        with pytest.raises(NeedsHuman, match="chat:write"):
            await here.post()


async def test_without_history_scopes_nobody_can_look(tmp_path: Path) -> None:
    scopes = [scope for scope in ALL_SCOPES.split() if not scope.endswith(":history")]
    async with office(tmp_path, document=with_scopes(*scopes)) as here:
        card = await here.post()
        with pytest.raises(HistoryClosed):
            await here.find()
        with pytest.raises(HistoryClosed):
            await here.find(thread=card.ts)


async def test_a_channel_that_cannot_be_listed_cannot_be_looked_into(tmp_path: Path) -> None:
    scopes = [scope for scope in ALL_SCOPES.split() if scope not in ("channels:read", "groups:read")]
    async with office(tmp_path, document=with_scopes(*scopes)) as here:
        with pytest.raises(HistoryClosed):
            await here.find(channel="#deploys")


async def test_a_channel_nobody_knows_cannot_be_looked_into(here: Office) -> None:
    with pytest.raises(HistoryClosed, match="#nowhere"):
        await here.find(channel="#nowhere")


async def test_a_look_goes_back_through_the_pages(here: Office) -> None:
    posted = await here.post("op-1")
    for number in range(450):
        here.acme.slack.backend.posting.post(_chatter(here, number))
    assert await here.find("op-1") == posted
    assert await here.find("op-2") is None
    assert len(here.acme.slack.control.calls("conversations.history")) == 6


async def test_a_look_that_is_too_short_does_not_say_absent(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "MOST_PAGES", 2)
    await here.post("op-1")
    for number in range(400):
        here.acme.slack.backend.posting.post(_chatter(here, number))
    with pytest.raises(HistoryClosed):
        await here.find("op-1")


async def test_a_pause_holds_back_the_other_posts_of_the_channel(here: Office) -> None:
    await here.post("op-0")
    here.fault("chat.postMessage", FaultKind.RATE_LIMIT)
    with pytest.raises(Transient):
        await here.post("op-1")
    called = len(here.acme.slack.control.calls("chat.postMessage"))
    for channel in ("#deploys", DEPLOYS):
        with pytest.raises(Transient) as held:
            await here.post("op-2", channel=channel)
        assert 0 < (held.value.retry_after or 0) <= 60
    assert len(here.acme.slack.control.calls("chat.postMessage")) == called
    with pytest.raises(NeedsHuman):  # others are asked as ever
        await here.post("op-3", channel="#general")


def _chatter(here: Office, number: int) -> Message:
    return Message(here.acme.slack.backend.ids.ts(), DEPLOYS, ADA, f"chatter {number}")


async def test_a_whisper_goes_through_the_commands_own_address(here: Office) -> None:
    await here.acme.slack.command(ADA, "#general", "/deploy")  # we are no member there
    url = here.acme.app.heard[-1].body["response_url"]
    await here.chat.whisper(*HERE, "C0GENERAL1", ADA, MESSAGE, url)
    assert [each.text for each in here.acme.slack.ephemerals(ADA)] == ["#1 api"]
    assert here.acme.slack.control.calls("chat.postEphemeral") == []


async def test_a_whisper_finds_another_way_when_the_address_is_used_up(here: Office) -> None:
    await here.acme.slack.command(ADA, "#deploys", "/deploy")
    url = here.acme.app.heard[-1].body["response_url"]
    for _ in range(7):
        await here.chat.whisper(*HERE, DEPLOYS, ADA, MESSAGE, url)
    assert len(here.acme.slack.ephemerals(ADA)) == 7
    assert here.acme.slack.control.calls("chat.postEphemeral")


async def test_a_whisper_without_an_address_is_ephemeral(here: Office) -> None:
    await here.chat.whisper(*HERE, DEPLOYS, GUEST, MESSAGE, "")
    assert [each.text for each in here.acme.slack.ephemerals(GUEST)] == ["#1 api"]
    assert here.acme.slack.ephemerals(ADA) == []


@pytest.mark.parametrize(
    ("status", "headers", "kind", "pause"),
    [
        (429, {"Retry-After": "9"}, Transient, 9.0),
        (429, {"Retry-After": "soon"}, Transient, 1.0),
        (503, {}, Transient, None),
    ],
)
async def test_trouble_at_the_commands_own_address(
    here: Office, status: int, headers: dict[str, str], kind: type[Transient], pause: float | None
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    async with _server(answer) as url:
        with pytest.raises(kind) as failed:
            await here.chat.whisper(*HERE, DEPLOYS, ADA, MESSAGE, url)
    assert failed.value.retry_after == pause
    assert here.acme.slack.ephemerals(ADA) == []


async def test_a_form_opens_once_and_in_time(here: Office) -> None:
    await here.acme.slack.command(ADA, "#deploys", "/deploy")
    trigger = here.acme.app.heard[-1].body["trigger_id"]
    view = modal(section("fill it in"))
    opened = await here.chat.open_form(*HERE, trigger, view)
    assert opened
    await here.chat.update_form(*HERE, opened, view | {"title": {"type": "plain_text", "text": "Filled"}})
    assert here.acme.slack.opened_views(ADA)[-1].payload["title"]["text"] == "Filled"
    await here.chat.update_form(*HERE, "V0GONE", view)  # the person closed it
    assert len(here.acme.slack.backend.views.open_of(ADA)) == 1
    assert not await here.chat.open_form(*HERE, trigger, view)
    assert not await here.chat.open_form(*HERE, "1.2.nonsense", view)


async def test_a_form_that_slack_refuses_for_another_reason_is_an_error(here: Office) -> None:
    await here.acme.slack.command(ADA, "#deploys", "/deploy")
    trigger = here.acme.app.heard[-1].body["trigger_id"]
    with pytest.raises(NeedsHuman):
        await here.chat.open_form(*HERE, trigger, {"type": "modal"})


async def test_we_know_whose_token_it_is(here: Office) -> None:
    async with aiohttp.ClientSession() as session:
        client = make_client(BOT_TOKEN, here.acme.slack.url + "/api/", session)
        found = await whoami(client)
    assert (found.id, found.name, found.bot_user) == ("T0ACME0001", "Acme", "U0SLIPWAY1")
