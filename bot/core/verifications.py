"""How far the verifications of a deployment have come: kept with it, in the order of its policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.lifecycle import State
from bot.core.runs import RunRef


class Outcome(StrEnum):
    """What is known of a verification. Only `passed` speaks for the release, and only `failed` against it."""

    MEASURING = "measuring"
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"  # a person is asked


@dataclass(frozen=True, slots=True)
class Measured:
    """One verification, as it stood at its last reading."""

    what: str  # as people call it
    outcome: Outcome = Outcome.MEASURING
    said: str = ""  # of the last reading: what was wrong, or how far it has come
    before: str = ""  # what was wrong with it right before the dispatch
    before_at: datetime | None = None  # when that was measured
    begun_at: datetime | None = None
    until: datetime | None = None  # by then it must hold
    read_at: datetime | None = None
    passes: int = 0  # readings in a row that were right
    since: datetime | None = None  # when the first of these was; of a run: since when it is missing
    turn: int = 0  # how often somebody wanted it measured again
    sent_at: datetime | None = None  # from here on a workflow may have been started
    run: RunRef | None = None  # of that workflow
    url: str = ""
    earlier: tuple[str, ...] = ()  # the runs of earlier turns, by the provider's ids


def has_begun(measured: tuple[Measured, ...]) -> bool:
    """Whether it was looked at after the release got there; before, only what was wrong already is known."""
    return any(each.begun_at is not None for each in measured)


def undecided(measured: tuple[Measured, ...]) -> tuple[Measured, ...]:
    """Those of which nobody can say whether they hold."""
    return tuple(each for each in measured if each.outcome is Outcome.INCONCLUSIVE)


def all_passed(measured: tuple[Measured, ...]) -> bool:
    """Whether anything was measured at all, and all of it was right; a person's word is something else."""
    return bool(measured) and all(each.outcome is Outcome.PASSED for each in measured)


def asks(state: State, measured: tuple[Measured, ...]) -> bool:
    """Whether a person has to say whether it works: all is measured, and nobody can tell."""
    over = all(each.outcome is not Outcome.MEASURING for each in measured)
    return state is State.VERIFYING and over and bool(undecided(measured))
