"""What lies between what runs and what shall run, and what of it somebody should think about first."""

from __future__ import annotations

from enum import StrEnum

from bot.core.code import Direction, RefKind
from bot.core.records import Resolution


class Hazard(StrEnum):
    """Why a release is more than the next few commits."""

    BEHIND = "behind"  # an older one
    DIVERGED = "diverged"
    REWRITTEN = "rewritten"  # the branch it comes from was forced to another history
    UNRELATED = "unrelated"
    CUT_OFF = "cut off"  # too large to be known whole
    MIGRATIONS = "migrations"


def hazards(resolution: Resolution) -> tuple[Hazard, ...]:
    """The gravest first."""
    goes_back = resolution.leaves is not None and resolution.direction is not Direction.UNRELATED
    found = [] if goes_back else [_direction(resolution)]
    if resolution.truncated and Hazard.UNRELATED not in found:
        found.append(Hazard.CUT_OFF)
    if resolution.migrations:
        found.append(Hazard.MIGRATIONS)
    return tuple(each for each in found if each is not None)


def pull_requests(resolution: Resolution) -> int:
    """How many pull requests the known commits name."""
    return len({each.pull_request for each in resolution.changes if each.pull_request is not None})


def _direction(resolution: Resolution) -> Hazard | None:
    match resolution.direction:
        case None | Direction.AHEAD | Direction.IDENTICAL:
            return None
        case Direction.UNRELATED:
            return Hazard.UNRELATED
        case Direction.BEHIND:
            return Hazard.REWRITTEN if _same_branch(resolution) else Hazard.BEHIND
        case Direction.DIVERGED:
            return Hazard.REWRITTEN if _same_branch(resolution) else Hazard.DIVERGED


def _same_branch(resolution: Resolution) -> bool:
    """A branch that only moves on still contains what was deployed from it before."""
    base = resolution.base
    return (
        base is not None
        and (base.ref_kind, base.ref_name) == (resolution.ref_kind, resolution.ref_name)
        and resolution.ref_kind is RefKind.BRANCH
    )
