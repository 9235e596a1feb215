"""Webhooks: signed, delivered in order, recorded, and never sent again by themselves."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.playground.clock import Clock
from bot.playground.github.http import Json
from bot.playground.github.names import Event, WebhookMode

log = logging.getLogger(__name__)
TIMEOUT = 10.0
SHUFFLE_SECONDS = 0.3
UNREACHED = 502
HOOK_ID = 412_000_001
SUBSCRIBED = (
    "check_run",
    "check_suite",
    "deployment",
    "deployment_protection_rule",
    "deployment_review",
    "deployment_status",
    "push",
    "release",
    "workflow_job",
    "workflow_run",
)


@dataclass
class Delivery:
    """One try of one webhook; `status_code` is 0 until it was tried."""

    id: int
    guid: str
    event: Event
    action: str | None
    repository_id: int
    payload: Json
    at: datetime
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0

    def body(self) -> bytes:
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Hooks:
    """The one webhook of the organisation and its deliveries."""

    def __init__(
        self, *, clock: Clock, secret: str, deliver_to: str | None, number: Callable[[], int], target: str
    ) -> None:
        self.clock, self.secret, self.deliver_to = clock, secret, deliver_to
        self.mode = WebhookMode.ON
        self.events = list(SUBSCRIBED)  # what it is listed with; all that there is is sent
        self.deliveries: list[Delivery] = []
        self._number, self._target = number, target
        self.repository_id: int | None = None  # of the one repository that it hangs on, if it is one's
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._random = random.Random(7)  # nosec B311 - an order, not a secret
        self._worker: asyncio.Task[None] | None = None

    @property
    def of_app(self) -> bool:
        """Whether it is a GitHub App's, and not the organisation's or a repository's."""
        return self._target == "integration"

    async def start(self) -> None:
        self._worker = asyncio.create_task(self._work(), name="github-webhooks")

    async def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait({self._worker})

    def send(self, event: Event, action: str | None, payload: Json, repository_id: int) -> None:
        """Put one webhook into the queue."""
        whole = {"action": action, **payload} if action else payload
        delivery = Delivery(
            self._number(), str(uuid.uuid4()), event, action, repository_id, whole, self.clock.now()
        )
        self.deliveries.append(delivery)
        self._queue.put_nowait(delivery)
        if self.mode is WebhookMode.DUPLICATE:
            self._queue.put_nowait(delivery)

    def redeliver(self, delivery: Delivery) -> None:
        """Send the same body under the same GUID once more."""
        again = Delivery(
            self._number(),
            delivery.guid,
            delivery.event,
            delivery.action,
            delivery.repository_id,
            delivery.payload,
            self.clock.now(),
            redelivery=True,
        )
        self.deliveries.append(again)
        self._queue.put_nowait(again)

    async def settled(self) -> None:
        """Wait until nothing is left to deliver."""
        await self._queue.join()

    async def _work(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                batch = [await self._queue.get()]
                if self.mode is WebhookMode.SHUFFLE:
                    await self.clock.sleep(SHUFFLE_SECONDS)
                    while not self._queue.empty():
                        batch.append(self._queue.get_nowait())
                    self._random.shuffle(batch)
                for delivery in batch:
                    await self._deliver(session, delivery)
                    self._queue.task_done()

    async def _deliver(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        if self.deliver_to is None:
            delivery.status = "not configured"
            return
        if self.mode is WebhookMode.DROP:
            delivery.status, delivery.status_code = "failed to connect to host", UNREACHED
            return
        started, body = self.clock.now(), delivery.body()
        try:
            async with session.post(
                self.deliver_to, data=body, headers=self._headers(delivery, body), allow_redirects=False
            ) as response:
                await response.read()
                delivery.status_code = response.status
                delivery.status = (
                    "OK" if response.status < 400 else f"Invalid HTTP Response: {response.status}"
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            delivery.status, delivery.status_code = "failed to connect to host", UNREACHED
            log.info("webhook %s was not delivered: %s", delivery.event, error)
        delivery.duration = round((self.clock.now() - started).total_seconds(), 2)

    def _headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        sha1 = hmac.new(self.secret.encode(), body, hashlib.sha1).hexdigest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/5f3a9c1",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(HOOK_ID),
            "X-GitHub-Hook-Installation-Target-Type": self._target,
            "X-Hub-Signature": f"sha1={sha1}",
            "X-Hub-Signature-256": signature(self.secret, body),
        }
