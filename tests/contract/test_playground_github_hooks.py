"""The webhooks of the GitHub stand-in: signed, in order, and unreliable when told to be."""

from __future__ import annotations

import json
from collections import Counter

from bot.playground.github import ActName, WebhookMode
from bot.playground.github.hooks import signature
from tests.contract.playground_github import (
    WEBHOOK_SECRET,
    Ear,
    act,
    app_token,
    client,
    ended,
    in_thread,
    listening,
    running,
    started,
)


def actions(ear: Ear, event: str) -> list[str]:
    return [json.loads(one.body)["action"] for one in ear.heard if one.event == event]


def test_the_signature_is_the_one_github_documents() -> None:
    expected = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature(WEBHOOK_SECRET, b"Hello, World!") == f"sha256={expected}"


async def test_webhooks_arrive_in_the_order_in_which_things_happened() -> None:
    async with listening() as ear, running(deliver_to=ear.url) as stand_in:
        run = await ended(stand_in, await started(stand_in))
        await stand_in.hooks.settled()
        bodies = [json.loads(one.body) for one in ear.heard if one.event == "workflow_run"]
    assert actions(ear, "workflow_run") == ["requested", "in_progress", "completed"]
    assert actions(ear, "workflow_job") == ["queued", "in_progress", "completed"] * 3
    assert {body["workflow_run"]["id"] for body in bodies} == {run.id}
    assert bodies[-1]["workflow_run"]["conclusion"] == "success"
    assert len({one.guid for one in ear.heard}) == len(ear.heard)


async def test_dropped_webhooks_are_never_sent_again_by_themselves() -> None:
    async with listening() as ear, running(deliver_to=ear.url) as stand_in:
        await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.DROP)
        await ended(stand_in, await started(stand_in))
        await stand_in.hooks.settled()
        await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.ON)
        await stand_in.hooks.settled()
        codes = {delivery.status_code for delivery in stand_in.hooks.deliveries}
    assert ear.heard == []
    assert codes == {502}


async def test_duplicates_share_one_delivery_id() -> None:
    async with listening() as ear, running(deliver_to=ear.url) as stand_in:
        await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.DUPLICATE)
        await ended(stand_in, await started(stand_in))
        await stand_in.hooks.settled()
    assert set(Counter(one.guid for one in ear.heard).values()) == {2}


async def test_shuffled_webhooks_all_arrive_in_another_order() -> None:
    async with listening() as ear, running(deliver_to=ear.url) as stand_in:
        await act(stand_in, ActName.WEBHOOKS, mode=WebhookMode.SHUFFLE)
        await ended(stand_in, await started(stand_in))
        await stand_in.hooks.settled()
        sent = [delivery.guid for delivery in stand_in.hooks.deliveries]
    arrived = [one.guid for one in ear.heard]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent


async def test_an_unknown_mode_is_refused_in_words() -> None:
    async with running() as stand_in:
        told = await stand_in.control.acts[ActName.WEBHOOKS]({"mode": "sideways"})
    assert told == {"ok": False, "text": "mode is one of on, drop, duplicate, shuffle"}


async def test_the_app_finds_failed_deliveries_and_asks_for_them_again() -> None:
    async with listening() as ear, running(deliver_to=ear.url, app=True) as stand_in:
        ear.answer = 500
        await ended(stand_in, await started(stand_in))
        await stand_in.hooks.settled()
        ear.answer = 200
        requester = client(stand_in, app_token()).requester
        _, rows = await in_thread(
            lambda: requester.requestJsonAndCheck("GET", "/app/hook/deliveries?per_page=100")
        )
        failed = [row for row in rows if row["status_code"] == 500 and row["event"] == "workflow_run"]
        await in_thread(
            lambda: requester.requestJsonAndCheck("POST", f"/app/hook/deliveries/{failed[0]['id']}/attempts")
        )
        await stand_in.hooks.settled()
        _, after = await in_thread(lambda: requester.requestJsonAndCheck("GET", "/app/hook/deliveries"))
    assert len(failed) == 3
    assert ear.heard[-1].guid == failed[0]["guid"] == after[0]["guid"]
    assert (after[0]["redelivery"], after[0]["status_code"]) == (True, 200)
