"""When to look at a key again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Again:
    """After `delay`; None: only when somebody wants it."""

    delay: timedelta | None


AT_ONCE = Again(timedelta())
NEVER = Again(None)
