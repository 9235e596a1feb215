"""Releases: where they are read, and where it is kept which of them were told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.publishing import KnownRelease, Published


@dataclass(frozen=True, slots=True)
class ReleaseListing:
    """The newest of a repository, as the code host orders them."""

    rows: tuple[Published, ...]
    etag: str


class ReleaseReader(Protocol):
    """The code host's side."""

    async def release(self, repository: str, id: str) -> Published | None:
        """None where there is no such release, or where it is a draft."""
        ...

    async def newest(self, repository: str, etag: str) -> ReleaseListing | None:
        """One page of them; None where it is as `etag` says."""
        ...


class PublishedReleases(Protocol):
    """Inside a unit of work."""

    async def keep(self, provider: str, repository: str, release: Published) -> bool:
        """Whether it is a release from just now on: one more, or what was a prerelease until now."""
        ...


class ReleaseShelf(Protocol):
    """Outside any unit of work."""

    async def of(self, workspace: str, provider: str, repository: str) -> tuple[KnownRelease, ...]:
        """All of a repository that are on record."""
        ...
