"""What `/state` looks at beside deployments: the record of runs and failures, and the world outside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.failures import Failure
from bot.core.following import RunRecord
from bot.core.pipelines import Repository
from bot.core.records import Deployment
from bot.core.runs import RunRef
from bot.core.seen import Seen
from bot.core.sightings import Lag, Tip
from bot.core.values import Sha


class Standings(Protocol):
    """By the record alone; nothing outside is asked."""

    async def newest_on(self, workspace: str, repository: Repository, branch: str) -> tuple[RunRecord, ...]:
        """Of each workflow the last run on this branch, in its last attempt; the newest first."""
        ...

    async def branches(self, workspace: str, repository: Repository) -> tuple[str, ...]:
        """Those on which something ran."""
        ...

    async def called(
        self, workspace: str, repositories: Collection[Repository], external_id: str
    ) -> RunRef | None:
        """The run of this number in one of these repositories."""
        ...

    async def owners(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]:
        """The deployments that this run belongs to, in any of its attempts."""
        ...

    async def failing(self, workspace: str, service: str, environment: str) -> tuple[Failure, ...]:
        """What went wrong there and is not over, the oldest first."""
        ...

    async def looked_through(self, workspace: str, repository: Repository) -> datetime | None:
        """When the listing of its runs was read last."""
        ...


class Glances(Protocol):
    """Each answers within a few seconds: what the other system says or, when it is silent, said last."""

    async def tip(self, workspace: str, repository: Repository, branch: str | None) -> Seen[Tip]:
        """Of the default branch, if none is named. UserError where the code host says that there is none."""
        ...

    async def lag(self, workspace: str, repository: Repository, release: Sha, tip: Seen[Tip]) -> Seen[Lag]:
        """How this tip lies to a release. Of a tip that is of earlier, nobody is asked anew."""
        ...

    async def run(self, workspace: str, ref: RunRef) -> Seen[tuple[RunRecord, ...]]:
        """All of its attempts, the first one first; empty where the provider knows no such run."""
        ...


@dataclass(frozen=True, slots=True)
class Sights:
    """Both of them."""

    record: Standings
    outside: Glances
