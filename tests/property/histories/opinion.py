"""The second opinion: docs/rollback.md, said of each release by itself, without any code of the product.

Nothing is piled up and taken away here. Each rule looks at the whole past and asks whether there is anything
that makes it true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.core.lifecycle import State
from tests.property.histories.past import Happening, Past

BADLY = (State.FAILED, State.ROLLED_BACK)  # what is only cancelled said nothing of its release


class Reason(StrEnum):
    """Why a release does not come back."""

    RUNS = "it runs"
    QUARANTINED = "it is quarantined"
    LEFT = "it was left"
    FAILED = "it failed"
    UNVERIFIED = "it was never verified"
    COVERED = "an older release was brought back over it"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a rollback takes away, what may come back, and what keeps the others out."""

    runs: Happening | None
    choices: tuple[str, ...]  # the first is what comes back
    reasons: Mapping[str, frozenset[Reason]]  # of every other release


def opinion(past: Past) -> Opinion:
    """Of each release that ever was there or may have been."""
    view = _View(past)
    reasons = {release: frozenset(view.reasons(release)) for release in view.releases}
    free = [release for release in view.releases if not reasons[release]]
    choices = sorted(free, key=lambda release: view.last_stood(release) or 0, reverse=True)
    barred = {release: reasons[release] for release in reasons if reasons[release]}
    return Opinion(view.runs(), tuple(choices), barred)


class _View:
    """The past with its questions; a place in it is called `at`."""

    def __init__(self, past: Past) -> None:
        self._all = past.happenings
        self._quarantined = past.quarantined
        self.releases = frozenset(each.release for each in self._all)
        self._landing: Callable[[int], int] = cache(self._lands)

    def runs(self) -> Happening | None:
        """Whatever came last: a rollback that did not succeed changed nothing."""
        touched = [each for each in self._all if each.well or not each.back]
        return touched[-1] if touched else None

    def reasons(self, release: str) -> Iterator[Reason]:
        """All that hold."""
        runs = self.runs()
        if runs and runs.release == release:
            yield Reason.RUNS
        if release in self._quarantined:
            yield Reason.QUARANTINED
        if self._left(release):
            yield Reason.LEFT
        if self._failed(release):
            yield Reason.FAILED
        if not any(each.well for each in self._of(release)):
            yield Reason.UNVERIFIED
        elif self.last_stood(release) is None:
            yield Reason.COVERED

    def last_stood(self, release: str) -> int | None:
        """Where it last got to and was verified, unless all such places were taken away."""
        verified = [at for at, each in enumerate(self._all) if each.release == release and each.well]
        return max((at for at in verified if self._stands(at, len(self._all))), default=None)

    def _of(self, release: str) -> list[Happening]:
        return [each for each in self._all if each.release == release]

    def _stands(self, at: int, until: int) -> bool:
        """No rollback that succeeded before `until` went to something below it."""
        between = range(at + 1, until)
        return not any(self._all[to].back and self._all[to].well and self._landing(to) < at for to in between)

    def _lands(self, to: int) -> int:
        """Which place this rollback went to: the last that got there and still stood then."""
        release = self._all[to].release
        same = [at for at in range(to) if self._all[at].release == release and self._all[at].there]
        return max((at for at in same if self._stands(at, to)), default=-1)

    def _since_verified(self, release: str) -> tuple[Happening, ...]:
        """All that came after it was last verified; everything, where it never was."""
        verified = [at for at, each in enumerate(self._all) if each.release == release and each.well]
        return self._all[max(verified, default=-1) + 1 :]

    def _left(self, release: str) -> bool:
        named = {each.number for each in self._of(release)}
        return any(each.back and each.undoes in named for each in self._since_verified(release))

    def _failed(self, release: str) -> bool:
        bad = [each for each in self._since_verified(release) if each.release == release and not each.back]
        return any(each.state in BADLY for each in bad)
