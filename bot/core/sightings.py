"""What a code host said last of branches and how they lie to a release; kept for when it is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.code import Direction
from bot.core.pipelines import Repository
from bot.core.seen import Seen
from bot.core.values import Sha


@dataclass(frozen=True, slots=True)
class Tip:
    """The last commit of a branch."""

    branch: str
    commit: Sha
    title: str
    author: str
    committed_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Lag:
    """How the tip of a branch lies to a release."""

    release: Sha
    tip: Sha
    direction: Direction
    ahead: int  # commits that only the branch has
    behind: int  # commits that only the release has


class Sightings(Protocol):
    """The last one of each, in the store."""

    async def keep_tip(self, workspace: str, repository: Repository, tip: Tip, at: datetime) -> None: ...

    async def tip(self, workspace: str, repository: Repository, branch: str) -> Seen[Tip] | None: ...

    async def keep_lag(
        self, workspace: str, repository: Repository, branch: str, lag: Lag, at: datetime
    ) -> None: ...

    async def lag(
        self, workspace: str, repository: Repository, branch: str, release: Sha
    ) -> Seen[Lag] | None: ...

    async def keep_default(
        self, workspace: str, repository: Repository, branch: str, at: datetime
    ) -> None: ...

    async def default(self, workspace: str, repository: Repository) -> str | None:
        """Which branch is the default one, by the last word on it."""
        ...
