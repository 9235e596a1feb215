"""What people let pass although a rule holds, each with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Overridable(StrEnum):
    """The gates that named people may let a deployment pass."""

    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Override:
    """One person's word that this very request shall pass a gate."""

    gate: Overridable
    person: str  # the Slack user id
    name: str
    digest: str  # what they saw
    at: datetime
    reason: str
    freezes: tuple[str, ...] = ()  # fingerprints of those that held then, and that they may lift
