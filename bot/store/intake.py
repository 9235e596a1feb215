"""Group commit: receipts that arrive together share one transaction, and all wait for it to reach the disk.

One thread writes, over a connection of its own. While it waits for the disk, more receipts gather: they are
the next batch. So however many came during one commit share the cost of the following one.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread

from bot.core.errors import Transient
from bot.core.records import Receipt, Stored
from bot.store.receipts import Fate, ReceiptWriter

logger = logging.getLogger(__name__)

MOST_WAITING = 2_000
MOST_BYTES = 64 * 1024 * 1024
MOST_IN_BATCH = 500
PATIENCE_SECONDS = 2.5  # Slack gives up after three
# How long a busy loop may keep the interpreter from the thread that comes back from the disk. Python's own
# five milliseconds are longer than a commit takes: everybody who waits for it would wait twice.
HANDOVER_SECONDS = 0.0001

_Waiting = tuple[Receipt, "asyncio.Future[Stored]"]
_Batch = tuple[Sequence[Receipt], Fate]


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
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._since = 0.0  # when the first of those who wait came
        self._written: list[_Waiting] = []  # by the thread, now
        self._fate = Fate()  # of these
        self._alarm: asyncio.TimerHandle | None = None
        self._hangs = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._thread: Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether receipts wait to be committed, so that other work should let them pass."""
        return not self._idle.is_set()

    async def idle(self) -> None:
        """Until nothing waits to be committed."""
        await self._idle.wait()

    async def store(self, receipt: Receipt) -> Stored:
        """Commit it to disk; Transient when that cannot be done now."""
        if self._hangs:
            raise Transient("The database does not answer.", system="The database")
        if len(self._waiting) >= self._most_waiting or self._bytes + len(receipt.body) > MOST_BYTES:
            raise Transient("Too many receipts wait for the database.", system="The database")
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[Stored] = loop.create_future()
        if not self._waiting:
            self._since = loop.time()
        self._waiting.append((receipt, stored))
        self._bytes += len(receipt.body)
        if self._idle.is_set():
            self._idle.clear()
            # In the loop's next round: whoever arrived in this one is in the first batch.
            loop.call_soon(self._hand_over, loop)
        return await stored

    async def close(self) -> None:
        """Commit what waits, then let go of thread and connection."""
        await self.idle()
        self._batches.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        self._writer.close()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._waiting:
            self._idle.set()
            return
        self._written, self._waiting = self._waiting[:MOST_IN_BATCH], self._waiting[MOST_IN_BATCH:]
        receipts = [receipt for receipt, _ in self._written]
        self._bytes -= sum([len(receipt.body) for receipt in receipts])
        self._fate = Fate()
        self._alarm = loop.call_at(self._since + self._patience, self._give_up)
        if self._thread is None:
            sys.setswitchinterval(HANDOVER_SECONDS)
            self._thread = Thread(target=self._write, args=(loop,), name="intake", daemon=True)
            self._thread.start()
        self._batches.put((receipts, self._fate))

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        """What the thread does: batch after batch, until there is none."""
        while (batch := self._batches.get()) is not None:
            receipts, fate = batch
            outcomes: Sequence[Stored | None]
            try:
                outcomes = self._writer.write(receipts, fate)
            except Exception as error:  # noqa: BLE001  # every waiter gets an answer, whatever went wrong
                # The error's text may quote what was to be stored: its type has to do.
                logger.error("%d receipts could not be stored: %s", len(receipts), type(error).__name__)
                outcomes = [None] * len(receipts)
            loop.call_soon_threadsafe(self._settle, loop, outcomes)

    def _settle(self, loop: asyncio.AbstractEventLoop, outcomes: Sequence[Stored | None]) -> None:
        written, self._hangs = self._written, False
        if self._alarm is not None:
            self._alarm.cancel()
        self._hand_over(loop)  # first of all: the thread has no time to lose
        for (_, stored), outcome in zip(written, outcomes, strict=True):
            if stored.done():  # it was cancelled or given up
                continue
            if outcome is None:
                stored.set_exception(Transient("The database did not take it.", system="The database"))
            else:
                stored.set_result(outcome)
        if Stored.NEW in outcomes:
            self._wake()

    def _give_up(self) -> None:
        """Tell everybody who waits that nothing was done, and see to it that nothing will be.

        The thread may still come back; until then nobody else needs to wait.
        """
        if not self._fate.decide():
            return  # it is stored, and the thread is about to say so
        logger.error("The database did not answer within %g seconds.", self._patience)
        self._hangs = True
        given_up, self._waiting, self._bytes = self._written + self._waiting, [], 0
        for _, stored in given_up:
            if not stored.done():
                stored.set_exception(Transient("The database does not answer.", system="The database"))
