"""How the verifications on a schedule go: kept for each, so that nothing is told twice, and nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.verifications import Measured


class Turn(StrEnum):
    """What is told once, when it becomes so."""

    FAILS = "fails"
    UNMEASURED = "unmeasured"  # nobody can tell whether it holds
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Course:
    """How one verification of a place goes; `id` is of its rule, so another rule has a course of its own."""

    service: str
    environment: str
    id: str
    slot: datetime  # the last one in which it was measured, or is
    measured: Measured | None = None  # as far as it has come in this slot; None when that is over
    number: int = 0  # of the deployment that it is measured of
    last: Measured | None = None  # how it ended, in an earlier slot or this one
    held_at: datetime | None = None
    failing_since: datetime | None = None
    blind: int = 0  # slots in a row in which nobody could tell
    blind_since: datetime | None = None
    blind_told: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """What names it within a workspace."""
        return self.service, self.environment, self.id


class Courses(Protocol):
    """Inside a unit of work."""

    async def get(self, service: str, environment: str, id: str) -> Course | None:
        """Locked until the end of the unit of work."""
        ...

    async def put(self, course: Course) -> None:
        """In place of what was known of it."""
        ...

    async def forget(self, course: Course) -> None: ...


class CourseBook(Protocol):
    """As looks and commands read them, outside any unit of work."""

    async def of(self, workspace: str) -> tuple[Course, ...]:
        """All of them, by place."""
        ...

    async def at(self, workspace: str, service: str, environment: str) -> tuple[Course, ...]: ...
