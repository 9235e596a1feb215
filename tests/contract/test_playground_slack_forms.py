"""Clicks, modals and the home tab of the Slack stand-in, through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError

from bot.playground.slack.interactions import NotPossible
from bot.playground.slack.seed import ADA
from bot.playground.slack.views import View
from tests.contract.playground_slack import (
    Heard,
    Json,
    ManualClock,
    Workspace,
    button,
    modal,
    plain,
    section,
    text_input,
    workspace,
)


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


async def error_of(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def trigger(acme: Workspace) -> str:
    await acme.slack.command("ada", "#deploys", "/deploy")
    return str(acme.app.heard[-1].body["trigger_id"])


async def opened(acme: Workspace, view: Json) -> View:
    await acme.client.views_open(trigger_id=await trigger(acme), view=view)
    return acme.slack.opened_views("ada")[-1]


def respond(acme: Workspace, body: Json) -> None:
    async def answer(_heard: Heard) -> web.Response:
        return web.json_response(body) if body else web.Response()

    acme.app.answer = answer


def options(*values: str) -> list[Json]:
    return [{"text": plain(value), "value": value} for value in values]


async def test_a_click_tells_what_was_clicked_and_where(acme: Workspace) -> None:
    actions = {"type": "actions", "block_id": "a", "elements": [button("stop", value="7", style="danger")]}
    await acme.client.chat_postMessage(channel="#deploys", text="card", blocks=[section("x"), actions])
    [card] = acme.slack.messages("#deploys")
    assert await acme.slack.click("ada", card, "stop", value="forged") == {"ok": True}
    body = acme.app.heard[0].body
    assert body["type"] == "block_actions"
    assert body["user"]["id"] == ADA
    assert body["container"]["message_ts"] == body["message"]["ts"] == card.ts
    [action] = body["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("stop", "a", "7")
    with pytest.raises(NotPossible):
        await acme.slack.click("ada", card, "start")
    with pytest.raises(NotPossible):
        await acme.slack.click("dennis", card, "stop")


async def test_menus_send_what_was_chosen(acme: Workspace) -> None:
    menu = {"type": "static_select", "action_id": "pick", "options": options("a", "b")}
    await acme.client.chat_postMessage(channel="#deploys", text="x", blocks=[section("x", accessory=menu)])
    [card] = acme.slack.messages("#deploys")
    await acme.slack.click("ada", card, "pick", selected_option=options("b")[0])
    assert acme.app.heard[0].body["actions"][0]["selected_option"]["value"] == "b"


async def test_a_failing_app_is_told_to_who_clicked(acme: Workspace) -> None:
    await acme.client.chat_postMessage(
        channel="#deploys", text="x", blocks=[section("x", accessory=button("go"))]
    )

    async def refuse(_heard: Heard) -> web.Response:
        return web.Response(status=500)

    acme.app.answer = refuse
    [card] = acme.slack.messages("#deploys")
    assert await acme.slack.click("ada", card, "go") == {"ok": False, "error": "dispatch_failed"}
    assert len(acme.app.heard) == 1, "clicks are not sent again"


async def test_a_trigger_works_once_and_for_three_seconds(tmp_path: Path) -> None:
    clock = ManualClock()
    async with workspace(tmp_path, clock=clock) as acme:
        key, view = await trigger(acme), modal(section("x"))
        clock.advance(3)
        shown = (await acme.client.views_open(trigger_id=key, view=view))["view"]
        assert shown["id"] == acme.slack.opened_views("ada")[0].id
        assert await error_of(acme.client.views_open(trigger_id=key, view=view)) == "exchanged_trigger_id"
        late = await trigger(acme)
        clock.advance(3.001)
        assert await error_of(acme.client.views_open(trigger_id=late, view=view)) == "expired_trigger_id"
        assert await error_of(acme.client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"


async def test_submitting_sends_what_was_typed_and_closes(acme: Workspace) -> None:
    form = modal(
        text_input("service", element={"initial_value": "api"}),
        text_input("reason", optional=True),
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Where"),
            "element": {
                "type": "static_select",
                "action_id": "pick",
                "options": options("staging", "production"),
            },
        },
        callback_id="deploy",
        private_metadata="kept",
    )
    view = await opened(acme, form)
    assert (await acme.slack.submit("ada", view))["errors"] == {
        "where": "Please complete this required field."
    }
    sent_before = len(acme.app.heard)
    assert await acme.slack.submit("ada", view, {"where": "staging", "reason": "because"}) == {"ok": True}
    [heard] = acme.app.heard[sent_before:]
    assert heard.body["type"] == "view_submission"
    assert (heard.body["view"]["callback_id"], heard.body["view"]["private_metadata"]) == ("deploy", "kept")
    values = heard.body["view"]["state"]["values"]
    assert values["service"]["typed"] == {"type": "plain_text_input", "value": "api"}
    assert values["where"]["pick"]["selected_option"]["value"] == "staging"
    assert acme.slack.opened_views("ada") == []


async def test_the_app_may_refuse_replace_stack_and_clear(acme: Workspace) -> None:
    view = await opened(acme, modal(text_input("service")))
    respond(acme, {"response_action": "errors", "errors": {"service": "no such service"}})
    answer = await acme.slack.submit("ada", view, {"service": "x"})
    assert answer == {"ok": False, "errors": {"service": "no such service"}}
    respond(acme, {"response_action": "errors", "errors": {"nowhere": "x"}})
    trouble = "We had some trouble connecting. Try again?"
    assert await acme.slack.submit("ada", view, {"service": "x"}) == {"ok": False, "error": trouble}
    respond(acme, {"response_action": "update", "view": modal(text_input("next"))})
    await acme.slack.submit("ada", view, {"service": "x"})
    assert acme.slack.opened_views("ada")[0].blocks[0]["block_id"] == "next"
    respond(acme, {"response_action": "push", "view": modal(section("second"), submit=None)})
    await acme.slack.submit("ada", view, {"next": "x"})
    assert len(acme.slack.opened_views("ada")) == 2
    assert acme.slack.opened_views("ada")[1].previous == view.id
    respond(acme, {"response_action": "clear"})
    await acme.slack.submit("ada", acme.slack.opened_views("ada")[1])
    assert acme.slack.opened_views("ada") == []


async def test_views_update_checks_the_hash_and_keeps_what_was_typed(acme: Workspace) -> None:
    form = modal(section("x", accessory=button("more")), text_input("service"), external_id="form-1")
    view = await opened(acme, form)
    old = view.hash
    typed = {"values": {"service": {"typed": {"type": "plain_text_input", "value": "api"}}}}
    await acme.slack.click("ada", view, "more", state=typed)
    assert acme.app.heard[-1].body["view"]["state"] == typed
    update = acme.client.views_update
    answer = await update(view_id=view.id, hash=old, view=modal(text_input("service"), text_input("env")))
    assert answer["view"]["state"]["values"]["service"]["typed"]["value"] == "api"
    assert await error_of(update(view_id=view.id, hash=old, view=form)) == "hash_conflict"
    assert await error_of(update(view_id="V0NONE", view=form)) == "not_found"
    await update(view_id=view.id, view=form)
    assert (await update(external_id="form-1", view=form))["view"]["id"] == view.id


async def test_three_views_may_be_stacked(acme: Workspace) -> None:
    form = modal(section("x", accessory=button("deeper")))
    await opened(acme, form)
    for _ in range(2):
        await acme.slack.click("ada", acme.slack.opened_views("ada")[-1], "deeper")
        await acme.client.views_push(trigger_id=acme.app.heard[-1].body["trigger_id"], view=form)
    await acme.slack.click("ada", acme.slack.opened_views("ada")[-1], "deeper")
    push = acme.client.views_push(trigger_id=acme.app.heard[-1].body["trigger_id"], view=form)
    assert await error_of(push) == "push_limit_reached"
    assert len({view.root for view in acme.slack.opened_views("ada")}) == 1


async def test_bad_views_are_refused_with_the_place(acme: Workspace) -> None:
    with pytest.raises(SlackApiError) as caught:
        await acme.client.views_open(
            trigger_id=await trigger(acme), view=modal(section("x"), title=plain("x" * 25))
        )
    assert caught.value.response["error"] == "invalid_arguments"
    told = caught.value.response["response_metadata"]["messages"]
    assert told == ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]
    home = acme.client.views_open(trigger_id=await trigger(acme), view={"type": "home", "blocks": []})
    assert await error_of(home) == "invalid_arguments"


async def test_closing_is_told_when_asked_for(acme: Workspace) -> None:
    view = await opened(acme, modal(section("x"), notify_on_close=True))
    await acme.slack.close_view("ada", view)
    assert acme.app.heard[-1].body["type"] == "view_closed"
    count = len(acme.app.heard)
    await acme.slack.close_view("ada", await opened(acme, modal(section("x"))))
    assert len(acme.app.heard) == count + 1, "only the command that opened it"


async def test_the_home_tab(acme: Workspace) -> None:
    publish = acme.client.views_publish
    first = await publish(
        user_id=ADA, view={"type": "home", "blocks": [section("one", accessory=button("go"))]}
    )
    home = acme.slack.home("ada")
    assert home is not None and await acme.slack.click("ada", home, "go") == {"ok": True}
    assert acme.app.heard[-1].body["view"]["type"] == "home"
    await publish(user_id=ADA, view={"type": "home", "blocks": [section("two")]}, hash=first["view"]["hash"])
    stale = publish(user_id=ADA, view={"type": "home", "blocks": []}, hash=first["view"]["hash"])
    assert await error_of(stale) == "hash_conflict"
    shown = await acme.slack.open_home("ada")
    assert shown is not None and shown["blocks"][0]["text"]["text"] == "two"


async def test_external_selects_ask_the_app(acme: Workspace) -> None:
    element = {"type": "external_select", "action_id": "pick", "min_query_length": 2}
    form = modal({"type": "input", "block_id": "b", "label": plain("Ref"), "element": element})
    view = await opened(acme, form)
    respond(acme, {"options": options("main", "maintenance")})
    ask, action = acme.slack.hands.options, {"action_id": "pick"}
    assert (await ask("ada", action, view, "m")) == {"options": []}
    assert [o["value"] for o in (await ask("ada", action, view, "ma"))["options"]] == ["main", "maintenance"]
    body = acme.app.heard[-1].body
    assert (body["type"], body["value"], body["block_id"]) == ("block_suggestion", "ma", "b")


async def test_shortcuts(acme: Workspace) -> None:
    assert await acme.slack.hands.shortcut("ada", "go") == {"ok": True}
    assert acme.app.heard[-1].body["type"] == "shortcut"
    await acme.client.chat_postMessage(channel="#deploys", text="card")
    [card] = acme.slack.messages("#deploys")
    await acme.slack.hands.shortcut("ada", "about", card)
    body = acme.app.heard[-1].body
    assert (body["type"], body["message"]["text"], body["message_ts"]) == ("message_action", "card", card.ts)
    with pytest.raises(NotPossible):
        await acme.slack.hands.shortcut("ada", "about")
