"""What was changed in the world and when: the judge reads it, and the attacks only add to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody was deactivated; nobody knows yet until when."""

    person: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Somebody who may kept a release out; nobody knows yet until when."""

    service: str
    sha: str
    since: datetime
    until: datetime | None = None


@dataclass
class Diary:
    """The catalogs that were in force, who was gone, and where the branches stood at first."""

    laws: list[tuple[datetime, str]] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    quarantines: list[Quarantine] = field(default_factory=list)
    tips: dict[str, str] = field(default_factory=dict)  # of `main`, by repository
    runs: frozenset[int] = frozenset()  # those that there were before
    secrets: list[str] = field(default_factory=list)  # what people typed that must be nowhere

    def law(self, at: datetime) -> str:
        """The catalog of that time."""
        return [text for since, text in self.laws if since <= at][-1]

    def quarantined(self, service: str, sha: str, at: datetime) -> bool:
        """Whether this release was kept out of production then."""
        return any(
            (each.service, each.sha) == (service, sha)
            and each.since <= at
            and (each.until is None or at < each.until)
            for each in self.quarantines
        )

    def away(self, person: str, at: datetime) -> bool:
        """Whether they were deactivated then."""
        return any(
            each.person == person and each.since <= at and (each.until is None or at < each.until)
            for each in self.absences
        )
