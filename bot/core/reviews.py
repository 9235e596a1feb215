"""What people say of an emergency afterwards. It takes two of them, and neither is who asked for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

REVIEWERS = 2
WITHIN = timedelta(hours=24)


class Finding(StrEnum):
    """Whether breaking the glass was right."""

    OK = "ok"
    NOT_OK = "not-ok"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One person's word on one emergency."""

    person: str  # the Slack user id
    name: str
    human: str  # the same for all accounts of one human, as far as they are linked
    finding: Finding
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """Opened when the emergency starts; closed by the second opinion."""

    opened_at: datetime
    due_at: datetime
    opinions: tuple[Opinion, ...] = ()
    reminded: bool = False

    @property
    def closed(self) -> bool:
        """Whether enough people have spoken."""
        return len(self.opinions) >= REVIEWERS

    @property
    def well(self) -> bool:
        """Whether everybody who spoke found it right."""
        return all(each.finding is Finding.OK for each in self.opinions)

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been closed by now."""
        return not self.closed and now >= self.due_at

    def with_opinion(self, opinion: Opinion) -> Review:
        """In place of what the same human said before; two accounts are no two people."""
        others = [
            each for each in self.opinions if each.human != opinion.human and each.person != opinion.person
        ]
        return replace(self, opinions=(*others, opinion))


def opened(now: datetime) -> Review:
    """Nobody has said anything yet."""
    return Review(now, now + WITHIN)
