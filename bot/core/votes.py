"""What people said of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VoteKind(StrEnum):
    """A rejection is final; an approval counts until it is taken back."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's word on one digest. A person has one vote on a request."""

    person: str  # the Slack user id
    name: str
    kind: VoteKind
    digest: str  # what they saw
    at: datetime
    reason: str = ""
