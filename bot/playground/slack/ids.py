"""Ids, timestamps and secrets: the same ones in every run with the same clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from bot.playground.clock import Clock

ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Ids:
    """Hands out what must be unique; `seed` makes two workspaces differ."""

    clock: Clock
    seed: str = "acme"
    _count: int = 0
    _last_micro: int = field(default=0)

    def ts(self) -> str:
        """A message timestamp: the time, moved on by a microsecond where two would be equal."""
        now = self.clock.now()
        self._last_micro = max(self._last_micro + 1, int(now.timestamp()) * 1_000_000 + now.microsecond)
        return f"{self._last_micro // 1_000_000}.{self._last_micro % 1_000_000:06d}"

    def new(self, prefix: str) -> str:
        """An id such as F0A1B2C3D4E."""
        number = int(self.secret()[:14], 16)
        letters = ""
        for _ in range(9):
            number, digit = divmod(number, len(ALPHABET))
            letters += ALPHABET[digit]
        return f"{prefix}0{letters}"

    def secret(self) -> str:
        """32 hex digits."""
        self._count += 1
        return hashlib.sha256(f"{self.seed}:{self._count}".encode()).hexdigest()[:32]

    def now(self) -> float:
        """Seconds since 1970."""
        return self.clock.now().timestamp()
