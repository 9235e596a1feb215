"""What people ticked on a checklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ticked:
    """One person's word that an item holds for one digest. An item has one tick at a time."""

    item: str  # its text: whoever rewrites it in the catalog has made another one
    person: str  # the Slack user id
    name: str
    digest: str  # what they saw
    at: datetime
