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
