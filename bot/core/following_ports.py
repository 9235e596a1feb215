"""Runs of anybody: where they are read, and where they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.following import Listed, RunChange, RunReading, RunRecord
from bot.core.resync import Mark
from bot.core.runs import RunRef, RunStatus
from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest runs of a repository, the newest first."""

    rows: tuple[Listed, ...]
    etag: str
    complete: bool  # it goes back as far as was asked for


class RunReader(Protocol):
    """The provider's side."""

    async def read(self, ref: RunRef, settled: Collection[int]) -> tuple[RunReading, ...] | None:
        """The attempts that are not among the settled ones, the oldest first; None when it knows no such run.

        Where the repository itself can't be read, NeedsHuman: then nothing is known of the run.
        """
        ...

    async def newest(self, repository: str, since: datetime, etag: str) -> Listing | None:
        """Back to those that began at `since`, but not without end; None where it is as `etag` says."""
        ...


class FollowedRuns(Protocol):
    """Inside a unit of work."""

    async def last(self, ref: RunRef, attempt: int) -> RunRecord | None:
        """This attempt as it is on record, locked where it is."""
        ...

    async def describe(self, reading: RunReading, at: datetime) -> None:
        """What it is of; makes the record where there is none. How it goes is left as it stands."""
        ...

    async def keep(self, reading: RunReading, at: datetime, ended: Collection[DeploymentId]) -> bool:
        """How it goes, as read at `at`; False when what is on record is newer.

        An attempt that has ended stays so. One that belongs to a deployment that is not among the `ended`
        ones is left to that.
        """
        ...

    async def miss(self, ref: RunRef, attempt: int, *, gone: bool) -> None:
        """The provider does not show it; `gone`: nor will it again."""
        ...

    async def previous(self, record: RunRecord) -> RunStatus | None:
        """How the last one before it ended, of the same workflow and branch, with a verdict.

        Where a later one has ended already, only an earlier attempt of this very run counts: how that branch
        does is told by the later one.
        """
        ...

    async def tell(self, record: RunRecord, changes: tuple[RunChange, ...]) -> None:
        """Write down what changed."""
        ...


class Marks(Protocol):
    """Inside a unit of work: how far things were looked through."""

    async def put(self, name: str, mark: Mark) -> None: ...


class RunBook(Protocol):
    """As the engine reads them, outside any unit of work."""

    async def attempts(self, workspace: str, ref: RunRef) -> tuple[RunRecord, ...]:
        """All that are on record of one run, the first one first."""
        ...

    async def newest_of(
        self, workspace: str, provider: str, repository: str, ids: Collection[str]
    ) -> Mapping[str, RunRecord]:
        """The last attempt on record of each of these runs."""
        ...

    async def mark(self, workspace: str, name: str) -> Mark | None: ...
