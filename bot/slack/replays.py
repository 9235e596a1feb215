"""Signatures that were used already, for the requests that leave no row in the inbox."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from bot.slack.guard import WINDOW_SECONDS

LIFETIME_SECONDS = 2 * WINDOW_SECONDS  # a timestamp may lie in the future by one window
MOST = 50_000


class Replays:
    """Remembers each signature for as long as the guard would let it in again."""

    def __init__(self, now: Callable[[], float] = monotonic, most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._until: OrderedDict[str, float] = OrderedDict()

    def seen(self, signature: str) -> bool:
        """Whether it came before; from now on it has."""
        now = self._now()
        self._forget(now)
        if signature in self._until:
            return True
        self._until[signature] = now + LIFETIME_SECONDS
        return False

    def _forget(self, now: float) -> None:
        while self._until:
            oldest = next(iter(self._until))
            if self._until[oldest] > now and len(self._until) < self._most:
                return
            del self._until[oldest]
