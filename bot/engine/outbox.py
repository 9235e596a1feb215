"""Carries effects to people: outside any transaction, marked before and after, looked for before a repeat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.effects import Posted, ShowCard
from bot.core.errors import Ambiguous, HistoryClosed, LeaseLost, NeedsHuman, Transient, UserError
from bot.core.ports import Clock, Messenger, Outbox
from bot.core.records import Parcel

log = logging.getLogger(__name__)

TRIES = 12
BLIND_WAIT = timedelta(seconds=10)  # before a post is repeated that nobody can look for
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Wait:
    until: datetime


class OutboxRelay:
    """Delivers parcels, a few at a time; the store keeps those of one card in order."""

    def __init__(
        self,
        outbox: Outbox,
        messenger: Messenger,
        clock: Clock,
        wake: Callable[[float], Awaitable[None]],
        parallel: int = 8,
    ) -> None:
        self._outbox = outbox
        self._messenger = messenger
        self._clock = clock
        self._wake = wake
        self._parallel = parallel
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if len(self._under_way) >= self._parallel:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            parcels = await self._claim(self._parallel - len(self._under_way))
            for parcel in parcels:
                task = asyncio.create_task(self._one(parcel), name=f"deliver {parcel.id}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if not parcels:
                await self._wake(1.0)

    async def settle(self) -> None:
        """Wait for the deliveries that are under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _claim(self, free: int) -> tuple[Parcel, ...]:
        try:
            return await self._outbox.claim(free)
        except Transient as error:
            log.warning("no effect could be claimed: %s", error.why)
            await self._clock.sleep(1.0)
            return ()

    async def _one(self, parcel: Parcel) -> None:
        try:
            await self._deliver(parcel)
        except LeaseLost:
            log.info("effect %s is somebody else's now", parcel.id)
        except Transient as error:
            log.warning("effect %s: its lease runs out by itself: %s", parcel.id, error.why)

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            posted = await self._carry(parcel)
        except Ambiguous as error:
            await self._again(parcel, error.why, error.retry_after, maybe_posted=True)
        except Transient as error:
            # this try had no effect, but an earlier one may have had: that mark stays
            marked = parcel.posting_since is not None
            await self._again(parcel, error.why, error.retry_after, maybe_posted=marked)
        except (NeedsHuman, UserError) as error:
            log.error("effect %s can't be shown: %s", parcel.id, error)
            await self._outbox.bury(parcel, str(error))
        except LeaseLost:
            raise
        except Exception as error:
            log.error("effect %s failed", parcel.id, exc_info=error)
            await self._again(parcel, type(error).__name__, None, maybe_posted=True)
        else:
            if isinstance(posted, _Wait):
                await self._outbox.retry(parcel, posted.until, "it may stand already", maybe_posted=True)
            else:
                await self._outbox.delivered(parcel, posted)

    async def _carry(self, parcel: Parcel) -> Posted | _Wait | None:
        repeated = False
        if parcel.posting_since is not None:
            try:
                stands = await self._messenger.look_up(
                    parcel.workspace, parcel.operation, parcel.effect, parcel.known
                )
            except HistoryClosed:
                until = parcel.posting_since + BLIND_WAIT
                if self._clock.now() < until:
                    return _Wait(until)
                repeated = True
            else:
                if stands is not None and not isinstance(parcel.effect, ShowCard):
                    return stands
                parcel = parcel if stands is None else replace(parcel, known=stands)
        edits = isinstance(parcel.effect, ShowCard) and parcel.known is not None
        marked = parcel if edits else await self._outbox.mark_posting(parcel)
        return await self._messenger.deliver(
            marked.workspace, marked.operation, marked.effect, marked.known, repeated=repeated
        )

    async def _again(
        self, parcel: Parcel, why: str, retry_after: float | None, *, maybe_posted: bool
    ) -> None:
        if parcel.attempts >= TRIES:
            log.error("effect %s is given up after %s tries: %s", parcel.id, parcel.attempts, why)
            await self._outbox.bury(parcel, why)
            return
        doubled = FIRST_PAUSE * 2 ** min(parcel.attempts, 9)
        pause = timedelta(seconds=retry_after) if retry_after else min(LONGEST_PAUSE, doubled)
        await self._outbox.retry(parcel, self._clock.now() + pause, why, maybe_posted=maybe_posted)
