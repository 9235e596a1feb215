"""Tells waiting loops that there may be something to do. A missed call only costs time: they poll as well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from enum import StrEnum


class Wake(StrEnum):
    """What may be waiting."""

    INBOX = "inbox"
    WORK = "work"
    OUTBOX = "outbox"


class Wakeup:
    """One loop's ear; it hears what was rung while it was busy."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self) -> None:
        """Until something may be waiting that this loop has not looked at."""
        await self._rung.wait()
        self._rung.clear()


class Bells:
    """Everybody in this process who wants to be woken."""

    def __init__(self) -> None:
        self._ears: dict[Wake, list[Wakeup]] = {wake: [] for wake in Wake}

    def listen(self, *wakes: Wake) -> Wakeup:
        """An ear for these kinds, from now on."""
        ear = Wakeup()
        for wake in wakes:
            self._ears[wake].append(ear)
        return ear

    def ring(self, wakes: Iterable[Wake]) -> None:
        """Wake those who listen for any of these."""
        for wake in wakes:
            for ear in self._ears[wake]:
                ear.ring()
