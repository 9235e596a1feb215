"""Addresses that end with a secret: who does not know it is not even read."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import pytest

from bot.core.ingress import Outcome, Tally
from bot.core.records import Lane, Source
from bot.web.keyed import Keyed
from bot.web.late import LateDoor
from bot.web.letters import LetterDoor
from bot.web.limits import ALERT_BYTES
from bot.web.server import Served, Server, application
from integrations.prometheus.webhooks import letter
from tests.unit.ingress.keepers import Shelf

SECRET = "a-secret_of-the-address"
BODY = json.dumps({"groupKey": "{}", "status": "firing", "alerts": []}).encode()


class Site:
    """A server with the door for alerts."""

    def __init__(self) -> None:
        self.tally, self.shelf = Tally(), Shelf()
        self.late = LateDoor()
        self.late.hang(LetterDoor(Source.ALERTMANAGER, letter, "T1", self.shelf, self.tally))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[aiohttp.ClientSession]:
        keyed = {Source.ALERTMANAGER: Keyed(self.late, (SECRET,))}
        server = Server(application(Served(self.tally, keyed=keyed)), "127.0.0.1", 0)
        port = await server.start()
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
                yield session
        finally:
            await server.stop()

    async def post(self, end: str = SECRET, body: bytes = BODY) -> int:
        async with (
            self.open() as session,
            session.post(f"/webhooks/alertmanager/{end}", data=BytesIO(body)) as answer,
        ):
            return answer.status

    def count(self, outcome: Outcome) -> int:
        return self.tally.count(Source.ALERTMANAGER, outcome)


async def test_what_comes_by_the_right_address_is_kept_once() -> None:
    site = Site()
    assert [await site.post(), await site.post()] == [200, 200]
    [receipt] = site.shelf.receipts
    assert (receipt.workspace, receipt.source, receipt.lane) == ("T1", Source.ALERTMANAGER, Lane.EVENTS)
    assert (receipt.kind, receipt.body, receipt.headers) == ("alerts", BODY, ())
    assert receipt.delivery_key == letter(BODY).key
    assert (site.count(Outcome.STORED), site.count(Outcome.SEEN)) == (1, 1)


WRONG = ("wrong", SECRET[:-1], SECRET + "a", SECRET.upper(), "%FF", "%00")


@pytest.mark.parametrize("end", WRONG)
async def test_a_wrong_secret_is_refused_and_counted(end: str) -> None:
    site = Site()
    assert await site.post(end) == 401
    assert site.shelf.receipts == []
    assert site.count(Outcome.FORGED) == 1


@pytest.mark.parametrize("end", ["", f"{SECRET}/", f"{SECRET}/more", "../alertmanager", "{secret}"])
async def test_no_secret_is_no_address(end: str) -> None:
    site = Site()
    assert await site.post(end) in (404, 405)
    assert site.shelf.receipts == []


async def test_the_secret_is_looked_at_before_the_body() -> None:
    site = Site()
    large = b"x" * (ALERT_BYTES + 1)
    assert await site.post("wrong", large) == 401
    assert await site.post(SECRET, large) == 413
    assert (site.count(Outcome.FORGED), site.count(Outcome.TOO_LARGE)) == (1, 1)


async def test_a_body_that_is_none_and_a_database_that_is_down() -> None:
    site = Site()
    assert await site.post(body=b"<xml>") == 400
    site.shelf.down = True
    assert await site.post() == 503
    assert (site.count(Outcome.MALFORMED), site.count(Outcome.UNAVAILABLE)) == (1, 1)


async def test_before_we_know_where_we_are_it_is_asked_to_come_again() -> None:
    site = Site()
    site.late = LateDoor()
    assert await site.post() == 503


async def test_the_secret_is_in_no_log_and_in_nothing_that_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    site = Site()
    for end in (SECRET, SECRET + "x", SECRET + "/x"):
        for body in (BODY, b"<xml>", b"x" * (ALERT_BYTES + 1)):
            await site.post(end, body)
    ours = [each for each in caplog.records if not each.name.startswith(("aiohttp.client", "asyncio"))]
    assert ours
    assert [each.getMessage() for each in ours if SECRET in each.getMessage()] == []
    assert SECRET not in str(site.shelf.receipts)


@pytest.mark.parametrize("secrets", [(), ("",), ("a" * 16, "")])
def test_without_a_secret_there_is_no_such_door(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="anybody"):
        Keyed(LateDoor(), secrets)
