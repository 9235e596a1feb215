"""How a release lies to a quarantined one, and what shows that it mends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.code import Commit, Comparison, Direction
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment
from bot.core.values import Sha, short

CONTAINS = frozenset({Direction.AHEAD, Direction.IDENTICAL})
ROUNDS = 10  # of reverts of reverts; a longer chain shows nothing


class Bearing(StrEnum):
    """What a release has to do with a quarantined one."""

    ITSELF = "itself"
    MADE_OF = "made of it"
    CUT_OFF = "cut off"  # made of it, and the list in which a fix would stand is not whole
    UNREAD = "unread"  # nobody can say
    APART = "apart"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Kin:
    """One quarantine, and what the release has to do with it."""

    quarantine: Quarantine
    bearing: Bearing
    words: str = ""  # what shows that it is mended, or why nobody can say

    @property
    def holds(self) -> bool:
        """Whether it keeps the release out."""
        match self.bearing:
            case Bearing.ITSELF | Bearing.MADE_OF | Bearing.CUT_OFF | Bearing.UNREAD:
                return True
            case Bearing.APART | Bearing.MENDED:
                return False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Every quarantine of a place, as the gate gets to know of them."""

    kin: tuple[Kin, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """What is on record of the deployments of a quarantined release: going back took these commits away."""

    numbers: frozenset[int] = frozenset()
    commits: frozenset[Sha] = frozenset()
    whole: bool = True  # False where there were more than are known


def brought_by(release: Sha, deployments: Iterable[Deployment]) -> Brought:
    """By all that asked for it, wherever: each brought what lay between it and what ran there.

    A rollback away from it tells what left with it, which may be more.
    """
    numbers: set[int] = set()
    commits: set[Sha] = set()
    whole = True
    for each in deployments:
        resolution = each.resolution
        if resolution is None:
            continue
        numbers.add(each.number)
        leaves = resolution.leaves if resolution.release.sha != release else None
        known, total = (leaves.commits, leaves.total) if leaves else (resolution.changes, resolution.total)
        commits.update(commit.sha for commit in known)
        whole = whole and total <= len(known) and resolution.direction is not Direction.UNRELATED
    return Brought(frozenset(numbers), frozenset(commits), whole)


def kin_of(kept: Quarantine, since: Comparison, brought: Brought) -> Kin:
    """`since` is what the release has and the quarantined one has not."""
    if since.direction is Direction.UNRELATED:
        return Kin(kept, Bearing.UNREAD, "They share no history, or the code host does not show it any more.")
    if since.direction not in CONTAINS:
        return Kin(kept, Bearing.APART)
    if since.total_commits > len(since.commits):  # what takes a fix back may stand among the others
        return Kin(kept, Bearing.CUT_OFF, f"It is {since.total_commits} commits ahead, too many to read.")
    mended = _mended(kept, since.commits, brought)
    if mended:
        return Kin(kept, Bearing.MENDED, mended)
    if not brought.whole:
        return Kin(kept, Bearing.CUT_OFF, "What came with it is not known whole.")
    return Kin(kept, Bearing.MADE_OF)


def _mended(kept: Quarantine, commits: Sequence[Commit], brought: Brought) -> str:
    """The words of the commit that mends it, or nothing."""
    for each in _standing([each for each in commits if each.reverts or each.fixes]):
        taken_back = next((sha for sha in (kept.sha, *sorted(brought.commits)) if _reverts(each, sha)), None)
        if taken_back is not None:
            return f"{short(each.sha)} reverts {short(taken_back)}."
        fixed = sorted(brought.numbers.intersection(each.fixes))
        if fixed:
            return f"{short(each.sha)} says that it fixes #{fixed[0]}."
    return ""


def _standing(commits: list[Commit]) -> list[Commit]:
    """Those that none of the others takes back: to revert a revert brings the mistake back."""
    standing = commits
    for _ in range(ROUNDS):
        left = [each for each in commits if not any(_reverts(other, each.sha) for other in standing)]
        if left == standing:
            return standing
        standing = left
    return []


def _reverts(commit: Commit, sha: Sha) -> bool:
    return any(sha.startswith(each) for each in commit.reverts)
