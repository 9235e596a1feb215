"""How much a message wants of those whom it names; what follows from that is in `bot.core.ringing`."""

from __future__ import annotations

from enum import StrEnum


class Call(StrEnum):
    """A closed list, from what is good to know to what can't wait."""

    NEWS = "news"
    TASK = "task"  # theirs to do, and it can wait until morning
    DECISION = "decision"  # nothing moves before somebody answers
    URGENT = "urgent"  # it can't wait for the morning, or they asked to hear it at once
