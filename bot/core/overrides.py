"""What people let pass although a rule holds, each with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Overridable(StrEnum):
    """The gates that named people may let a deployment pass."""

    FREEZE = "freeze"
    CHECKLIST = "checklist"
    MIGRATIONS = "migrations"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Override:
    """One person's word that this very request shall pass a gate."""

    gate: Overridable
    person: str  # the Slack user id
    name: str
    digest: str  # what they saw
    at: datetime
    reason: str
    held: tuple[str, ...] = ()  # fingerprints of what held it then, and is theirs to let pass


def with_word(before: tuple[Override, ...], word: Override) -> tuple[Override, ...]:
    """With this one in place of what the same person said; what they said of other parts of it stays."""

    def stays(each: Override) -> bool:
        if (each.gate, each.person) != (word.gate, word.person):
            return True
        return each.digest == word.digest and not set(each.held) <= set(word.held)

    return (*filter(stays, before), word)
