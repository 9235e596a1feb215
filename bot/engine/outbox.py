"""Carries effects to people: outside any transaction, marked before and after, looked for before a repeat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.chat_ports import Messenger
from bot.core.dead_letters import OWN, notice
from bot.core.effects import Card, Heard, Posted, Summary
from bot.core.errors import (
    Ambiguous,
    CardGone,
    ChannelClosed,
    HistoryClosed,
    LeaseLost,
    NeedsHuman,
    Transient,
    Unanswered,
    UserError,
)
from bot.core.ports import Clock
from bot.core.queue_ports import Outbox
from bot.core.records import Parcel
from bot.engine.rest import Wake, rest

log = logging.getLogger(__name__)

TRIES = 12  # of what fails by a mistake of our own
LONGEST = 15.0  # seconds of one try: less than its lease, so that nobody begins it beside us
GIVE_UP_AFTER = timedelta(hours=24)
SETTLE = timedelta(seconds=10)  # by when a call that nobody answered has happened, or never will
_HEARD = Heard | Summary
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)


class _SummedUp:
    """Its channel was told enough, or its person has quiet hours; it is said later, in short."""


# By workspace and channel, and why; whether anybody is told.
Closed = Callable[[str, str, str], Awaitable[bool]]


async def unheard(workspace: str, channel: str, why: str) -> bool:  # noqa: ARG001
    """Where nobody subscribes to anything."""
    return False


async def never(parcel: Parcel) -> datetime | None:  # noqa: ARG001
    """Where nobody has quiet hours."""
    return None


def nobody() -> str | None:
    """Where no channel is there for the operators."""
    return None


class OutboxRelay:
    """Delivers parcels, a few at a time; the store keeps those of one card in order."""

    def __init__(
        self,
        outbox: Outbox,
        messenger: Messenger,
        clock: Clock,
        wake: Wake,
        parallel: int = 8,
        longest: float = LONGEST,
        closed: Closed = unheard,
        operators: Callable[[], str | None] = nobody,
        quiet_until: Callable[[Parcel], Awaitable[datetime | None]] = never,
    ) -> None:
        self._outbox = outbox
        self._messenger = messenger
        self._clock = clock
        self._wake = wake
        self._parallel = parallel
        self._longest = longest
        self._closed = closed
        self._operators = operators  # the channel in which they read
        self._quiet_until = quiet_until
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if len(self._under_way) >= self._parallel:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            free = self._parallel - len(self._under_way)
            parcels = await self._claim(free)
            for parcel in parcels:
                task = asyncio.create_task(self._one(parcel), name=f"deliver {parcel.id}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            if len(parcels) < free:
                await rest(self._outbox.next_due, self._wake)

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
            async with asyncio.timeout(self._longest):
                posted = await self._carry(parcel)
        except TimeoutError:
            await self._again(parcel, "it took too long", _settling(parcel), maybe_posted=True)
        except Ambiguous as error:
            await self._again(parcel, error.why, _settling(parcel), maybe_posted=True)
        except Transient as error:
            # this try posted nothing, but an earlier one may have: that mark stays
            marked = parcel.posting_since is not None
            await self._again(parcel, error.why, _pause(parcel, error), maybe_posted=marked)
        except (NeedsHuman, UserError) as error:
            await self._refused(parcel, error)
        except LeaseLost:
            raise
        except Exception as error:
            log.error("effect %s failed", parcel.id, exc_info=error)
            why = type(error).__name__
            if parcel.attempts >= TRIES:
                await self._give_up(parcel, why)
            else:
                await self._again(parcel, why, _settling(parcel), maybe_posted=True)
        else:
            if not isinstance(posted, _SummedUp):
                await self._outbox.delivered(parcel, posted)

    async def _carry(self, parcel: Parcel) -> Posted | _SummedUp | None:
        repeated = False
        if parcel.posting_since is not None:
            try:
                stands = await self._messenger.look_up(
                    parcel.workspace, parcel.operation, parcel.effect, parcel.known, parcel.posting_since
                )
            except HistoryClosed:
                repeated = True
            else:
                if stands is not None and not isinstance(parcel.effect, Card):
                    return stands
                parcel = parcel if stands is None else replace(parcel, known=stands)
        if isinstance(parcel.effect, Card) and parcel.known is not None:
            try:
                return await self._hand_over(parcel, repeated=repeated)
            except CardGone:
                parcel = replace(parcel, known=None)
        if parcel.posting_since is None and (until := await self._quiet_until(parcel)) is not None:
            await self._outbox.hold_back(parcel, until)
            return _SummedUp()
        marked = await self._outbox.mark_posting(parcel)
        return _SummedUp() if marked is None else await self._hand_over(marked, repeated=repeated)

    async def _hand_over(self, parcel: Parcel, *, repeated: bool) -> Posted | None:
        return await self._messenger.deliver(
            parcel.workspace, parcel.operation, parcel.effect, parcel.known, repeated=repeated
        )

    async def _again(self, parcel: Parcel, why: str, pause: timedelta, *, maybe_posted: bool) -> None:
        """Outages are waited out: what passes by itself is given up by age, not by the number of tries."""
        if parcel.failing_since is not None and parcel.claimed_at - parcel.failing_since >= GIVE_UP_AFTER:
            await self._give_up(parcel, why)
            return
        await self._outbox.retry(parcel, pause, why, maybe_posted=maybe_posted)

    async def _refused(self, parcel: Parcel, error: NeedsHuman | UserError) -> None:
        log.error("effect %s can't be shown: %s", parcel.id, error)
        missed = parcel.effect.channel if isinstance(parcel.effect, _HEARD) else ""
        told = False
        if missed and isinstance(error, ChannelClosed):
            told = await self._closed(parcel.workspace, missed, error.why)
        tell = await self._messenger.instead(parcel.workspace, parcel.effect, error)
        if missed and tell is None and not told:
            await self._bury(parcel, str(error))
        else:
            await self._outbox.bury(parcel, str(error), tell)

    async def _give_up(self, parcel: Parcel, why: str) -> None:
        log.error("effect %s is given up after %s tries: %s", parcel.id, parcel.attempts, why)
        await self._bury(parcel, why)

    async def _bury(self, parcel: Parcel, why: str) -> None:
        """Nobody else would hear that a channel misses something."""
        operators = None if parcel.id.startswith(OWN) else self._operators()
        tell = notice(parcel.effect, why, operators) if operators else None
        await self._outbox.bury(parcel, why, tell, f"{OWN}{parcel.claimed_at:%Y-%m-%dT%H}")


def _pause(parcel: Parcel, error: Transient) -> timedelta:
    if isinstance(error, Unanswered):
        return _settling(parcel)
    return timedelta(seconds=error.retry_after) if error.retry_after else _longer(parcel)


def _settling(parcel: Parcel) -> timedelta:
    """Else a post that is found nowhere may come later, and an old edit over the one that follows it."""
    return max(SETTLE, _longer(parcel))


def _longer(parcel: Parcel) -> timedelta:
    """With each try."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(parcel.attempts, 6)))
