"""Signed deliveries to the app's URL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.playground.clock import Clock
from bot.playground.slack.delivery import ANSWER_SECONDS, Delivery, DeliveryKind, Outcome, Receipt, Sent
from bot.playground.slack.signing import signed_headers

FORM, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def encode(delivery: Delivery) -> tuple[bytes, str]:
    """The raw body and its content type."""
    match delivery.kind:
        case DeliveryKind.COMMAND:
            return urlencode(delivery.payload).encode(), FORM
        case DeliveryKind.INTERACTIVE:
            return urlencode({"payload": json.dumps(delivery.payload)}).encode(), FORM
        case DeliveryKind.EVENT:
            return json.dumps(delivery.payload).encode(), JSON_TYPE


def parse_answer(body: str) -> dict[str, Any] | str | None:
    """An answer's body as JSON when it is an object."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return body or None
    return parsed if isinstance(parsed, dict) else body


async def within_three_seconds(clock: Clock, work: Awaitable[Receipt]) -> Receipt:
    """What came of it, or a time-out by the stand-in's clock."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(ANSWER_SECONDS))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else Receipt(Outcome.TIMED_OUT)
    finally:
        for one in (task, timer):
            one.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)


@dataclass
class HttpCourier:
    """Posts to one URL, signs with one secret."""

    url: str
    secret: str
    clock: Clock
    latency: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Sign, send, and wait three seconds for the answer."""
        body, content_type = encode(delivery)
        record = Sent(delivery, self.clock.now().timestamp(), body, content_type)
        self.sent.append(record)
        if self.latency:
            await self.clock.sleep(self.latency)
        extra = {}
        if delivery.retry and delivery.reason:
            extra = {"X-Slack-Retry-Num": str(delivery.retry), "X-Slack-Retry-Reason": delivery.reason}
        headers = {**self._signed(body), **extra, "Content-Type": content_type}
        record.receipt = await self.post(body, headers)
        return record.receipt

    async def send_again(self, record: Sent) -> Receipt:
        """The same body with a new signature: Slack's own retry, or a second try by hand."""
        return await self.post(
            record.body, {**self._signed(record.body), "Content-Type": record.content_type}
        )

    async def post(self, body: bytes, headers: dict[str, str]) -> Receipt:
        """Any bytes with any headers, for what a stranger would send."""
        return await within_three_seconds(self.clock, self._post(body, headers))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _signed(self, body: bytes) -> dict[str, str]:
        return signed_headers(self.secret, str(int(self.clock.now().timestamp())), body)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Receipt:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        all_headers = {"User-Agent": AGENT, "Accept": "application/json,*/*", **headers}
        try:
            async with self._session.post(
                self.url, data=body, headers=all_headers, allow_redirects=False
            ) as response:
                answer = parse_answer(await response.text())
        except (aiohttp.ClientError, OSError):
            return Receipt(Outcome.UNREACHABLE)
        outcome = Outcome.ANSWERED if 200 <= response.status < 300 else Outcome.REFUSED
        return Receipt(outcome, response.status, answer, response.headers.get("X-Slack-No-Retry") == "1")
