"""Group commit: receipts that arrive together share one transaction, and all wait for it to reach the disk.

One thread writes, over a connection of its own. While it waits for the disk, more receipts gather: they are
the next batch. So however many came during one commit share the cost of the following one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.core.errors import Transient
from bot.core.records import Receipt, Stored
from bot.store.receipts import ReceiptWriter

logger = logging.getLogger(__name__)

MOST_WAITING = 2_000
MOST_BYTES = 64 * 1024 * 1024
MOST_IN_BATCH = 500
PATIENCE_SECONDS = 2.5  # Slack gives up after three

_Waiting = tuple[Receipt, "asyncio.Future[Stored]"]


class GroupIntake:
    """The Intake of one process."""

    def __init__(
        self,
        writer: ReceiptWriter,
        *,
        wake: Callable[[], None] = lambda: None,
        most_waiting: int = MOST_WAITING,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._writer = writer
        self._wake = wake
        self._most_waiting = most_waiting
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._flushing: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether receipts wait to be committed, so that other work should let them pass."""
        return self._flushing is not None

    async def store(self, receipt: Receipt) -> Stored:
        """Commit it to disk; Transient when that cannot be done now."""
        if len(self._waiting) >= self._most_waiting or self._bytes + len(receipt.body) > MOST_BYTES:
            raise Transient("Too many receipts wait for the database.", system="The database")
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[Stored] = loop.create_future()
        self._waiting.append((receipt, stored))
        self._bytes += len(receipt.body)
        if self._flushing is None:
            # The task begins in the loop's next round: whoever arrived in this round is in the first batch.
            self._flushing = loop.create_task(self._flush())
        return await stored

    async def close(self) -> None:
        """Commit what waits, then let go of thread and connection."""
        if self._flushing is not None:
            await self._flushing
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._thread.shutdown()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_IN_BATCH], self._waiting[MOST_IN_BATCH:]
                self._bytes -= sum(len(receipt.body) for receipt, _ in batch)
                await self._commit(batch)
        finally:
            self._flushing = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        receipts = [receipt for receipt, _ in batch]
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._writer.write, receipts)
        try:
            outcomes = await asyncio.wait_for(work, self._patience)
        except Exception as error:  # noqa: BLE001  # every waiter gets an answer, whatever went wrong
            # The error's text may quote what was to be stored: its type has to do.
            logger.error("%d receipts could not be stored: %s", len(batch), type(error).__name__)
            outcomes = [None] * len(batch)
        for (_, stored), outcome in zip(batch, outcomes, strict=True):
            if stored.done():  # it was cancelled
                continue
            if outcome is None:
                stored.set_exception(Transient("The database did not take it.", system="The database"))
            else:
                stored.set_result(outcome)
        if Stored.NEW in outcomes:
            self._wake()
