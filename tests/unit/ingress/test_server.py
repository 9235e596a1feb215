"""The HTTP server around the doors, over real connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO

import aiohttp
import pytest

from bot.core.errors import UserError
from bot.core.ingress import Outcome, Tally
from bot.core.records import Lane, Source
from bot.slack.guard import Guard
from bot.slack.ingress import Reception, SlackDoor
from bot.web.limits import SLACK_BYTES
from bot.web.server import Served, Server, application
from bot.web.webhooks import WebhookDoor
from integrations.github.webhooks import hook
from tests.unit.ingress.keepers import Shelf
from tests.unit.ingress.signing import NOW, SECRET, command, github_headers, slack_headers

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A server on a free port."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.shelf = Shelf()
        slack = SlackDoor(Guard((SECRET,), lambda: NOW), Reception(self.shelf, _nothing), self.tally)
        github = WebhookDoor(hook((SECRET,)), "T1", self.shelf, self.tally)
        self.served = Served(self.tally, slack, {Source.GITHUB: github})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[aiohttp.ClientSession]:
        server = Server(application(self.served), "127.0.0.1", 0)
        port = await server.start()
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                yield session
        finally:
            await server.stop()


async def _nothing(_incoming: object) -> None:
    return None


async def test_slack_is_answered_over_http() -> None:
    site = Site()
    body = command()
    async with site.open() as session:
        answer = await session.post("/slack/events", data=body, headers={**slack_headers(body), **FORM})
        assert answer.status == 200
        assert await answer.read() == b""
    assert site.shelf.receipts[0].body == body


async def test_a_body_with_a_large_length_is_refused_before_it_is_read() -> None:
    site = Site()
    async with site.open() as session:
        answer = await session.post("/slack/events", data=BytesIO(b"x" * (SLACK_BYTES + 1)), headers=FORM)
        assert answer.status == 413
    assert site.tally.count(Source.SLACK, Outcome.TOO_LARGE) == 1


async def test_a_body_of_unknown_length_is_refused_as_soon_as_it_is_too_large() -> None:
    site = Site()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(SLACK_BYTES // 65536 + 2):
            yield b"x" * 65536

    async with site.open() as session:
        answer = await session.post("/slack/events", data=endless(), headers=FORM)
        assert answer.status == 413


async def test_a_body_in_many_pieces_is_read_whole() -> None:
    site = Site()
    body = command(text="x" * 100_000)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    async with site.open() as session:
        headers = {**slack_headers(body), **FORM}
        assert (await session.post("/slack/events", data=pieces(), headers=headers)).status == 200
    assert site.shelf.receipts[0].body == body


async def test_github_is_answered_and_its_redelivery_is_no_second_receipt() -> None:
    site = Site()
    body = b'{"action": "completed"}'
    async with site.open() as session:
        for _ in range(2):
            answer = await session.post("/webhooks/github", data=body, headers=github_headers(body))
            assert answer.status == 200
    (receipt,) = site.shelf.receipts
    assert (receipt.source, receipt.lane, receipt.kind) == (Source.GITHUB, Lane.EVENTS, "workflow_run")
    assert receipt.delivery_key == "d-1"
    assert site.tally.count(Source.GITHUB, Outcome.SEEN) == 1


async def test_a_hook_that_nobody_would_look_at_is_taken_and_not_kept() -> None:
    site = Site()
    async with site.open() as session:
        for secret, status in ((SECRET, 200), ("another", 401)):
            headers = github_headers(b"{}", kind="push", secret=secret)
            assert (await session.post("/webhooks/github", data=b"{}", headers=headers)).status == status
    assert site.shelf.receipts == []
    assert site.tally.count(Source.GITHUB, Outcome.ANSWERED) == 1


async def test_two_hooks_with_equal_bodies_are_two_deliveries() -> None:
    site = Site()
    async with site.open() as session:
        for delivery in ("d-1", "d-2"):
            headers = github_headers(b"{}", delivery=delivery)
            assert (await session.post("/webhooks/github", data=b"{}", headers=headers)).status == 200
    assert len(site.shelf.receipts) == 2


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (None, Outcome.UNSIGNED),
        ("sha256=", Outcome.BAD_SIGNATURE),
        ("sha1=" + "a" * 64, Outcome.BAD_SIGNATURE),
        ("sha256=" + "é" * 64, Outcome.BAD_SIGNATURE),
        ("sha256=" + "a" * 64, Outcome.FORGED),
    ],
)
async def test_an_unsigned_webhook_is_refused_and_counted(given: str | None, outcome: Outcome) -> None:
    site = Site()
    headers = {k: v for k, v in github_headers(b"{}").items() if k != "X-Hub-Signature-256"}
    door = site.served.webhooks[Source.GITHUB]
    answer = await door(headers if given is None else {**headers, "X-Hub-Signature-256": given}, b"{}")
    assert answer.status == 401
    assert site.tally.count(Source.GITHUB, outcome) == 1


@pytest.mark.parametrize("delivery", ["", "x" * 300, "a b", "\udcff"])
async def test_a_webhook_without_a_usable_delivery_is_malformed(delivery: str) -> None:
    site = Site()
    door = site.served.webhooks[Source.GITHUB]
    assert (await door(github_headers(b"{}", delivery=delivery), b"{}")).status == 400


async def test_webhooks_are_not_acknowledged_while_the_database_is_down() -> None:
    site = Site()
    site.shelf.down = True
    assert (await site.served.webhooks[Source.GITHUB](github_headers(b"{}"), b"{}")).status == 503


async def test_health_asks_nobody_and_every_answer_is_guarded() -> None:
    site = Site()
    site.served = replace(site.served, checks={"database": _hangs})
    async with site.open() as session:
        answer = await session.get("/healthz")
        assert (answer.status, await answer.text()) == (200, "alive\n")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert (await session.get("/nowhere")).status == 404


async def _hangs() -> str | None:
    await asyncio.Event().wait()
    return None


async def _fine() -> str | None:
    return None


async def _red() -> str | None:
    return "The schema is older than this version."


async def _breaks() -> str | None:
    raise OSError("password=hunter2")


async def test_readiness_tells_every_reason_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.health.CHECK_SECONDS", 0.05)
    site = Site()
    checks = {"database": _fine, "schema": _red, "slack": _breaks, "github": _hangs}
    site.served = replace(site.served, checks=checks)
    async with site.open() as session:
        answer = await session.get("/readyz")
        assert answer.status == 503
        told = await answer.json()
    assert not told["ready"]
    assert set(told["reasons"]) == {"schema", "slack", "github"}
    assert told["reasons"]["schema"] == "The schema is older than this version."
    assert "hunter2" not in str(told)


async def test_readiness_is_green_when_nothing_speaks_against_it() -> None:
    site = Site()
    site.served = replace(site.served, checks={"database": _fine})
    async with site.open() as session:
        answer = await session.get("/readyz")
        assert answer.status == 200
        assert await answer.json() == {"ready": True, "reasons": {}}


async def test_what_came_in_is_counted_in_the_open() -> None:
    site = Site()
    async with site.open() as session:
        await session.post("/slack/events", data=b"x", headers=FORM)
        text = await (await session.get("/metrics")).text()
    assert 'slipway_requests_total{source="slack",outcome="unsigned"} 1' in text.splitlines()


async def test_without_a_door_there_is_no_address() -> None:
    site = Site()
    site.served = Served(site.tally)
    async with site.open() as session:
        assert (await session.post("/slack/events")).status == 404


async def test_a_port_in_use_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Server(application(Served(Tally())), "127.0.0.1", taken.getsockname()[1])
        with pytest.raises(UserError, match="Another program uses this port"):
            await server.start()


async def test_an_address_of_another_machine_is_explained() -> None:
    server = Server(application(Served(Tally())), "192.0.2.1", 0)
    with pytest.raises(UserError, match="SLIPWAY_HOST"):
        await server.start()


async def test_a_request_under_way_is_answered_before_the_server_stops() -> None:
    site = Site()
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str | None:
        entered.set()
        await go_on.wait()
        return None

    served = replace(site.served, checks={"slow": slow})
    server = Server(application(served), "127.0.0.1", 0)
    port = await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        asking = asyncio.create_task(session.get("/readyz"))
        await entered.wait()
        stopping = asyncio.create_task(server.stop())
        go_on.set()
        assert (await asking).status == 200
        await stopping
