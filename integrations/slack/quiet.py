"""A pause that Slack asks for, of a method or of posts to one channel, is kept by everybody who calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.core.errors import Ambiguous, Transient

SYSTEM = "Slack"


class Quiet:
    """Which calls have to wait, and how long still."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[tuple[str, str], float] = {}

    @contextmanager
    def keeping(self, method: str, channel: str = "") -> Iterator[None]:
        """Transient, without a call, while there is a pause; a call that is told to pause begins one."""
        key = (method, channel)
        left = self._until.get(key, 0.0) - self._now()
        if left > 0:
            raise Transient("it asked for a pause.", system=SYSTEM, retry_after=left)
        self._until.pop(key, None)
        try:
            yield
        except Ambiguous:
            raise
        except Transient as error:
            if error.retry_after is not None:
                self._until[key] = max(self._until.get(key, 0.0), self._now() + error.retry_after)
            raise
