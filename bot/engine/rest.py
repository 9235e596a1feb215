"""How the loops over the queues rest: until something is due or somebody calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.core.errors import Transient

LONGEST = 5.0  # seconds; the call of another process can be lost
LEAST = 0.01  # what is due may be held by somebody else
AFTER_FAILURE = 1.0

Wake = Callable[[float], Awaitable[bool]]


async def rest(next_due: Callable[[], Awaitable[timedelta | None]], wake: Wake) -> None:
    """Only looks meanwhile: claiming takes the writers' turn, and at night there is nothing to claim."""
    while True:
        seconds = max(LEAST, await _seconds(next_due))
        if await wake(min(LONGEST, seconds)) or seconds <= LONGEST:
            return


async def _seconds(next_due: Callable[[], Awaitable[timedelta | None]]) -> float:
    try:
        due = await next_due()
    except Transient:
        return AFTER_FAILURE
    return float("inf") if due is None else due.total_seconds()
