"""What `/state` looks at, in memory: a record in which nothing stands, and a world outside that is silent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.errors import Transient
from bot.core.failures import Failure
from bot.core.following import RunReading, RunRecord
from bot.core.following_ports import Listing
from bot.core.pipelines import Repository
from bot.core.ports import Clock
from bot.core.records import Deployment
from bot.core.runs import RunRef
from bot.core.seen import Seen
from bot.core.sightings import Lag, Tip
from bot.core.values import Sha

SILENT = "GitHub does not answer"


class FakeStandings:
    """The port Standings of a house in which nothing ran and nothing failed."""

    async def newest_on(
        self,
        workspace: str,  # noqa: ARG002
        repository: Repository,  # noqa: ARG002
        branch: str,  # noqa: ARG002
    ) -> tuple[RunRecord, ...]:
        return ()

    async def branches(self, workspace: str, repository: Repository) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    async def called(
        self,
        workspace: str,  # noqa: ARG002
        repositories: Collection[Repository],  # noqa: ARG002
        external_id: str,  # noqa: ARG002
    ) -> RunRef | None:
        return None

    async def owners(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]:  # noqa: ARG002
        return ()

    async def failing(self, workspace: str, service: str, environment: str) -> tuple[Failure, ...]:  # noqa: ARG002
        return ()

    async def looked_through(self, workspace: str, repository: Repository) -> datetime | None:  # noqa: ARG002
        return None


class FakeGlances:
    """The port Glances while nobody answers, and nobody ever did."""

    async def tip(
        self,
        workspace: str,  # noqa: ARG002
        repository: Repository,  # noqa: ARG002
        branch: str | None,  # noqa: ARG002
    ) -> Seen[Tip]:
        return Seen(None, None, SILENT)

    async def lag(
        self,
        workspace: str,  # noqa: ARG002
        repository: Repository,  # noqa: ARG002
        release: Sha,  # noqa: ARG002
        tip: Seen[Tip],
    ) -> Seen[Lag]:
        return Seen(None, None, tip.why)

    async def run(self, workspace: str, ref: RunRef) -> Seen[tuple[RunRecord, ...]]:  # noqa: ARG002
        return Seen(None, None, SILENT)


@dataclass
class FakeRuns:
    """The port RunReader: the attempts of runs as a test wrote them."""

    clock: Clock
    attempts: dict[str, list[RunReading]] = field(default_factory=dict)
    down: bool = False

    async def read(self, ref: RunRef, settled: Collection[int]) -> tuple[RunReading, ...] | None:
        if self.down:
            raise Transient("GitHub cannot be reached.", system="github")
        found = self.attempts.get(ref.external_id)
        return None if found is None else tuple(each for each in found if each.run.attempt not in settled)

    async def newest(self, repository: str, since: datetime, etag: str) -> Listing | None:  # noqa: ARG002
        return Listing((), etag, complete=True)
