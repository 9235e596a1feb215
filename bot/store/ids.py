"""The ids of rows, in the order of time, and the keys under which we act on the world."""

from __future__ import annotations

import base64
import secrets
import threading
import time
import uuid

from bot.core.values import OperationKey, operation_key

_RANDOM_BITS = 74
_RANDOM_MASK = (1 << _RANDOM_BITS) - 1
_STEP_MASK = (1 << 32) - 1
_RANDOM_BYTES = 10
_DRAWN_AT_ONCE = 64


class _Generator:
    """UUIDv7 (RFC 9562): milliseconds, then random bits; within one process each is greater than the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._pool = b""

    def next(self) -> int:
        with self._lock:
            random = self._draw()
            fresh = (time.time_ns() // 1_000_000) << _RANDOM_BITS | random & _RANDOM_MASK
            same_millisecond = self._last + 1 + (random & _STEP_MASK)
            self._last = fresh if fresh > self._last else same_millisecond
            return self._last

    def _draw(self) -> int:
        """Randomness for one id, drawn for many: each call to the system lets other threads in between."""
        if not self._pool:
            self._pool = secrets.token_bytes(_RANDOM_BYTES * _DRAWN_AT_ONCE)
        drawn, self._pool = self._pool[:_RANDOM_BYTES], self._pool[_RANDOM_BYTES:]
        return int.from_bytes(drawn)


_generator = _Generator()


def new_id() -> str:
    """A UUIDv7 as text."""
    number = _generator.next()
    milliseconds, random = number >> _RANDOM_BITS, number & _RANDOM_MASK
    high, low = random >> 62, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low))


def new_key(number: int) -> OperationKey:
    """The operation key of deployment `number`; the random part keeps two databases apart."""
    tail = base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]
    return operation_key(f"slw-{number}-{tail}")
