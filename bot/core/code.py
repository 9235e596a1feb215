"""What a code host tells us: references, commits, and what lies between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.values import Sha


class RefKind(StrEnum):
    BRANCH = "branch"
    TAG = "tag"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class ResolvedRef:
    """A reference as it stood when it was read."""

    kind: RefKind
    name: str
    sha: Sha

    @property
    def qualified(self) -> str:
        """The name that no other reference can share."""
        match self.kind:
            case RefKind.BRANCH:
                return f"refs/heads/{self.name}"
            case RefKind.TAG:
                return f"refs/tags/{self.name}"
            case RefKind.COMMIT:
                return self.sha


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository by the number that survives renaming."""

    id: int
    full_name: str
    default_branch: str
    url: str
    pull_requests: str = ""  # the address of one, with {number} in it


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, as the card shows it and as the rules on authors read it."""

    sha: Sha
    title: str
    author: str  # the code host's login, else the name in the commit
    authored_at: datetime
    committed_at: datetime
    url: str
    is_merge: bool = False
    co_authors: tuple[str, ...] = ()
    pull_request: int | None = None
    unknown_authors: tuple[str, ...] = ()  # of author and co-authors: names that belong to no account
    author_id: str | None = None  # the number of the author's account, which outlives a new login
    co_author_ids: tuple[str, ...] = ()
    committer: str | None = None  # empty: the code host itself or a bot, and it proves that; None: unknown
    committer_id: str | None = None
    mergers: tuple[str, ...] | None = None  # who merged the pull requests it came by; None: not known
    merger_ids: tuple[str, ...] = ()
    reverts: tuple[str, ...] = ()  # the beginnings of the commits that its message says it takes back
    fixes: tuple[int, ...] = ()  # the deployments that its message says it mends


class Direction(StrEnum):
    """How a candidate lies to what is deployed."""

    AHEAD = "ahead"
    BEHIND = "behind"
    DIVERGED = "diverged"
    IDENTICAL = "identical"
    UNRELATED = "unrelated"  # no common ancestor, or the other commit is not there any more


@dataclass(frozen=True, slots=True)
class Comparison:
    """What lies between two commits; `truncated` says that the lists are not whole."""

    direction: Direction
    commits: tuple[Commit, ...]
    paths: tuple[str, ...]
    total_commits: int
    truncated: bool
    url: str
    behind_by: int = 0  # commits that only the other one has
