"""Hands stored receipts to whoever understands them, right after they came and again after a crash."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.core.errors import LeaseLost, Transient
from bot.core.queue_ports import Inbox
from bot.core.records import Delivery, Lane, Source
from bot.engine.rest import AFTER_FAILURE, Wake, rest

log = logging.getLogger(__name__)

Handler = Callable[[Delivery], Awaitable[None]]
TRIES = 8
LONGEST = 15.0  # seconds of one try: less than its lease, so that nobody begins it beside us
LANES = (Lane.INTERACTIVE, Lane.EVENTS)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 60, 300, 900, 3600))


class InboxWorker:
    """Takes deliveries in order, people's first. A handler commits its effects and `handled` together."""

    def __init__(
        self,
        inbox: Inbox,
        handlers: Mapping[Source, Handler],
        wake: Wake,
        receipts_waiting: Callable[[], bool] = lambda: False,
        parallel: int = 8,
        longest: float = LONGEST,
    ) -> None:
        self._inbox = inbox
        self._handlers = handlers
        self._wake = wake
        self._receipts_waiting = receipts_waiting
        self._parallel = parallel
        self._longest = longest
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled. While receipts wait for their commit, one delivery at a time is enough."""
        while True:
            free = await self._room()
            found = await self._claim(free)
            for delivery in found:
                task = asyncio.create_task(self._one(delivery), name=f"handle {delivery.id}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if len(found) < free:
                await rest(self._inbox.next_due, self._wake)

    async def settle(self) -> None:
        """Wait for the deliveries that are under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _room(self) -> int:
        limit = 1 if self._receipts_waiting() else self._parallel
        while len(self._under_way) >= limit:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return limit - len(self._under_way)

    async def _claim(self, free: int) -> tuple[Delivery, ...]:
        try:
            return await self._inbox.claim(LANES, free)
        except Transient as error:
            log.warning("no delivery could be claimed: %s", error.why)
            await self._wake(AFTER_FAILURE)
            return ()

    async def _one(self, delivery: Delivery) -> None:
        receipt = delivery.receipt
        handler = self._handlers.get(receipt.source)
        try:
            if handler is None:
                await self._inbox.bury(delivery, f"nobody understands {receipt.source}")
                return
            if delivery.attempts > TRIES:  # whoever began it never came to say how it went
                await self._give_up(delivery, f"it was begun {TRIES} times and never ended")
                return
            async with asyncio.timeout(self._longest):
                await handler(delivery)
        except LeaseLost:
            log.info("delivery %s is somebody else's now", delivery.id)
        except Exception as error:  # noqa: BLE001 - one bad delivery must not stop the others
            await self._failed(delivery, error)

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        reference = uuid.uuid4().hex[:8]
        log.error("reference %s: %s %s", reference, delivery.receipt.kind, delivery.id, exc_info=error)
        why = f"{type(error).__name__} (reference {reference})"
        try:
            if delivery.attempts >= TRIES:
                await self._give_up(delivery, why)
            else:
                pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
                await self._inbox.give_back(delivery, pause, why)
        except (Transient, LeaseLost) as second:
            log.warning("delivery %s: its lease runs out by itself: %s", delivery.id, second)

    async def _give_up(self, delivery: Delivery, why: str) -> None:
        receipt = delivery.receipt
        log.error(
            "delivery %s (%s %s) is given up after %s tries, and nobody was told: %s",
            delivery.id,
            receipt.source,
            receipt.kind,
            min(delivery.attempts, TRIES),
            why,
        )
        await self._inbox.bury(delivery, why)
