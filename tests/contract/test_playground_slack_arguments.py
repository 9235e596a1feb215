"""How the Slack stand-in reads calls and forms, without any client's help."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.playground.slack.form_state import client_errors, filled, initial_values
from bot.playground.slack.mrkdwn import compose, links_in
from bot.playground.slack.seed import acme as seeded
from tests.contract.playground_slack import BOT_TOKEN, Json, Workspace, plain, text_input, workspace

DEPLOYS = "C0DEPLOYS1"
ANY_BYTES = bytes(range(256)) * 2 + b"\r\n\r\n\r--"
JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        yield made


async def call(acme: Workspace, method: str, **request: Any) -> Json:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"} | request.pop("headers", {})
    verb = request.pop("verb", "POST")
    url = f"{acme.slack.url}/api/{method}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(verb, url, **request) as response,
    ):
        answer: Json = await response.json()
        return answer


async def test_forms_json_and_addresses_are_read(acme: Workspace) -> None:
    blocks = '[{"type": "divider"}]'
    form = {"channel": DEPLOYS, "text": "form", "blocks": blocks, "unfurl_links": "false"}
    assert (await call(acme, "chat.postMessage", data=form))["message"]["blocks"][0]["type"] == "divider"
    assert (await call(acme, "chat.postMessage", json={"channel": DEPLOYS, "text": "json"}))["ok"]
    with aiohttp.MultipartWriter("form-data") as writer:
        for name, value in {"channel": DEPLOYS, "text": "parts"}.items():
            writer.append(value).set_content_disposition("form-data", name=name)
    assert (await call(acme, "chat.postMessage", data=writer))["message"]["text"] == "parts"
    assert (await call(acme, "users.info", verb="GET", params={"user": "U0ADA00001"}))["ok"]
    with_token = {"token": BOT_TOKEN, "user": "U0ADA00001"}
    assert (await call(acme, "users.info", data=with_token, headers={"Authorization": ""}))["ok"]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"data": "{", "headers": JSON_TYPE}, "invalid_json"),
        ({"data": "[1]", "headers": JSON_TYPE}, "json_not_object"),
        ({"data": "<xml/>", "headers": {"Content-Type": "text/xml"}}, "invalid_post_type"),
        ({"data": {"text": "x"}}, "invalid_arguments"),
        ({"json": {"channel": DEPLOYS, "text": "x", "metadata": "{"}}, "invalid_metadata_format"),
        ({"json": {"channel": DEPLOYS, "text": "x", "blocks": {"type": "divider"}}}, "invalid_blocks_format"),
        ({"json": {"channel": DEPLOYS, "text": "x", "markdown_text": "y"}}, "markdown_text_conflict"),
        ({"json": {"channel": DEPLOYS, "markdown_text": "y" * 12_001}}, "msg_too_long"),
    ],
)
async def test_what_cannot_be_read(acme: Workspace, request_: Json, error: str) -> None:
    assert (await call(acme, "chat.postMessage", **request_))["error"] == error


async def test_missing_and_wrong_arguments_are_named(acme: Workspace) -> None:
    missing = await call(acme, "chat.update", json={"channel": DEPLOYS, "text": "x"})
    assert missing["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]
    wrong = await call(acme, "conversations.history", json={"channel": DEPLOYS, "limit": "many"})
    assert wrong["error"] == "invalid_arguments"
    types = await call(acme, "conversations.list", json={"types": "secret_channel"})
    assert types["error"] == "invalid_arguments"
    assert (await call(acme, "files.getUploadURLExternal", json={"filename": "a", "length": 0}))[
        "ok"
    ] is False
    for method in ("views.update", "views.open", "views.publish"):
        assert (await call(acme, method, json={}))["error"] == "invalid_arguments"


async def test_uploads_as_a_form(acme: Workspace) -> None:
    place = await call(
        acme, "files.getUploadURLExternal", json={"filename": "a.bin", "length": len(ANY_BYTES)}
    )
    async with aiohttp.ClientSession() as session:
        form = aiohttp.FormData()
        form.add_field("file", ANY_BYTES, filename="a.bin")
        async with session.post(place["upload_url"], data=form) as response:
            assert await response.text() == f"OK - {len(ANY_BYTES)}"
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        done = await call(acme, "files.completeUploadExternal", json={"files": [{"id": place["file_id"]}]})
        async with session.get(done["files"][0]["url_private"], headers=headers) as private:
            assert await private.read() == ANY_BYTES
        async with session.post(place["upload_url"], data=b"again") as response:
            assert response.status == 404, "an address is used up when the upload is complete"
        async with session.post(f"{acme.slack.url}/response/x", data=b"not json") as response:
            assert response.status == 400


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("a & b", "a &amp; b"),
        ("see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2.>"),
        ("@Ada, look", "<@U0ADA00001>, look"),
        ("@ada.", "<@U0ADA00001>."),
        ("mail ada@acme.example", "mail ada@acme.example"),
        ("@nobody #nowhere #123", "@nobody #nowhere #123"),
        ("@here in #deploys", "<!here> in <#C0DEPLOYS1|deploys>"),
        ("<@U0ADA00001> and <@wave>", "<@U0ADA00001> and <@wave>"),
        ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
    ],
)
def test_what_people_type_is_marked_up(typed: str, marked: str) -> None:
    assert compose(seeded("slipway"), typed) == marked


def test_links_are_found_again() -> None:
    assert links_in("<https://x.example/a?b=1&amp;c=2|here> <@U1>") == ["https://x.example/a?b=1&c=2"]


def test_a_form_begins_with_its_first_values_and_takes_plain_ones() -> None:
    options = [{"text": plain(name), "value": name} for name in ("a", "b")]
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": options, "initial_options": options[:1]}
    blocks = [
        {"type": "input", "block_id": "c", "label": plain("c"), "element": boxes},
        {
            "type": "input",
            "block_id": "u",
            "label": plain("u"),
            "element": {"type": "users_select", "action_id": "u"},
        },
        text_input("t"),
    ]
    values = initial_values(blocks)
    assert values["c"]["boxes"]["selected_options"] == options[:1]
    state = filled(blocks, values, {"boxes": ["a", "b"], "u": "U0ADA00001", "t": "text"})
    assert state["c"]["boxes"]["selected_options"] == options
    assert state["u"]["u"] == {"type": "users_select", "selected_user": "U0ADA00001"}
    assert client_errors(blocks, state) == {}
    for wrong in ({"boxes": ["c"]}, {"nothing": "x"}):
        with pytest.raises(LookupError):
            filled(blocks, values, wrong)


WHOLE = {"type": "number_input", "is_decimal_allowed": False}
DECIMAL = {"type": "number_input", "is_decimal_allowed": True}


@pytest.mark.parametrize(
    ("element", "value", "told"),
    [
        ({"min_length": 3}, "ab", "Must be at least 3 characters."),
        ({"max_length": 3}, "abcd", "Must be at most 3 characters."),
        (WHOLE, "x", "Must be a number."),
        (WHOLE, "1.5", "Must be a whole number."),
        (
            DECIMAL | {"min_value": "2"},
            "1.5",
            "Must be at least 2.",
        ),
        (DECIMAL | {"max_value": "2"}, "2.5", "Must be at most 2."),
        ({}, "", "Please complete this required field."),
    ],
)
def test_the_client_checks_before_it_sends(element: Json, value: str, told: str) -> None:
    blocks = [text_input("b", element=element)]
    state = filled(blocks, {}, {"b": value})
    assert client_errors(blocks, state) == {"b": told}
    assert (
        client_errors([text_input("b", element=element, optional=True)], filled(blocks, {}, {"b": None}))
        == {}
    )
