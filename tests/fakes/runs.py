"""The port RunBook over a list of records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.core.following import RunRecord
from bot.core.resync import Mark
from bot.core.runs import RunRef
from tests.fakes.samples import TEAM


@dataclass
class FakeRuns:
    """Of one workspace."""

    records: list[RunRecord] = field(default_factory=list)

    async def attempts(self, workspace: str, ref: RunRef) -> tuple[RunRecord, ...]:
        found = [each for each in self.records if workspace == TEAM and each.run.ref == ref]
        return tuple(sorted(found, key=lambda each: each.run.attempt))

    async def newest_of(
        self, workspace: str, provider: str, repository: str, ids: Collection[str]
    ) -> Mapping[str, RunRecord]:
        raise NotImplementedError

    async def mark(self, workspace: str, name: str) -> Mark | None:
        raise NotImplementedError
