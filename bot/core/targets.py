"""What a rollback may bring back: releases that ran well here before, and why the others may not.

The history of a place is read as a pile: a release that is verified comes on top, and a rollback takes away
all that lay above the release it brought back. So going back twice goes further back, and never forward to
the release that was left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.lifecycle import HOLDING, State
from bot.core.values import DeploymentId, Kind, Sha, short

DID_BADLY = (State.FAILED, State.ROLLED_BACK)  # what was only cancelled says nothing of its release


@dataclass(frozen=True, slots=True)
class Arrival:
    """One deployment that got there, or may have; by our own record."""

    id: DeploymentId
    number: int
    kind: Kind
    state: State
    release: Sha
    at: datetime | None  # since when it runs there, or when it ended; None while it is under way
    tag: str | None = None  # by which it was asked for
    undoes: DeploymentId | None = None

    @property
    def verified(self) -> bool:
        """Whether it was seen to be well."""
        return self.state is State.SUCCEEDED

    @property
    def settled(self) -> bool:
        """Whether it surely runs there: what failed, was cancelled or is under way may, or a part of it."""
        return self.state in (State.SUCCEEDED, State.BYPASSED)

    @property
    def under_way(self) -> bool:
        """Whether it still holds its slot."""
        return self.state in HOLDING

    @property
    def named(self) -> str:
        """The release as people call it."""
        return f"{self.tag} ({short(self.release)})" if self.tag else short(self.release)

    @property
    def reference(self) -> str:
        """The release as a wish keeps it: the commit, and with it the tag that it went by."""
        return f"{self.tag}@{self.release}" if self.tag else self.release


class Bar(StrEnum):
    """Why a release that was there before is nothing to go back to."""

    RUNS = "it is what runs there"
    FAILED = "it failed there"
    LEFT = "it was left for an older release"
    PAST_US = "it got there past Slipway, so nobody verified it"
    UNVERIFIED = "it was never verified there"
    QUARANTINED = "it is quarantined"
    COVERED = "an older release was brought back over it"


@dataclass(frozen=True, slots=True)
class Targets:
    """What runs in a place, what it may go back to, and why the rest is no choice."""

    current: Arrival | None = None  # what a rollback would take away
    doubtful: Arrival | None = None  # what was begun since then and did not succeed
    choices: tuple[Arrival, ...] = ()  # the newest first, each release once
    barred: tuple[tuple[Arrival, Bar], ...] = ()  # likewise


def targets(history: Iterable[Arrival], quarantined: Collection[Sha] = ()) -> Targets:
    """`history` has the oldest first, and whatever is under way last."""
    known = tuple(history)
    past = _Past({each.id: each for each in known})
    for each in known:
        past.goes_on(each)
    current = past.current
    choices: dict[Sha, Arrival] = {}
    barred: dict[Sha, tuple[Arrival, Bar]] = {}
    for each in (*past.verified, *reversed(known)):
        bar = past.bar(each, current, quarantined)
        if each.release in choices or each.release in barred:
            continue
        if bar is None:
            choices[each.release] = each
        else:
            barred[each.release] = (each, bar)
    return Targets(current, past.doubtful, tuple(choices.values()), tuple(barred.values()))


class _Past:
    """The pile as it grows, and which releases did badly since they were last well."""

    def __init__(self, known: dict[DeploymentId, Arrival]) -> None:
        self.pile: list[Arrival] = []
        self.doubtful: Arrival | None = None
        self._begun: Arrival | None = None  # as doubtful, but for rollbacks
        self._known = known
        self._failed: set[Sha] = set()
        self._left: set[Sha] = set()

    @property
    def current(self) -> Arrival | None:
        """What failed on its way may run there; a rollback that did leaves what it was to take away."""
        return self._begun or (self.pile[-1] if self.pile else None)

    @property
    def verified(self) -> tuple[Arrival, ...]:
        """Those of the pile that were seen to be well, the uppermost first."""
        return tuple(each for each in reversed(self.pile) if each.verified)

    def goes_on(self, each: Arrival) -> None:
        """One more of them."""
        undone = self._undone_by(each)
        if undone is not None:
            self._left.add(undone.release)
        if not each.settled:
            self.doubtful = each
            if each.kind is not Kind.ROLLBACK:
                self._begun = each
                if each.state in DID_BADLY:
                    self._failed.add(each.release)
            return
        self.doubtful = self._begun = None
        if each.verified:
            self._failed.discard(each.release)
            self._left.discard(each.release)
        self._lay_down(each)

    def bar(self, each: Arrival, current: Arrival | None, quarantined: Collection[Sha]) -> Bar | None:
        """Why not this one, if there is a reason."""
        release = each.release
        if current is not None and release == current.release:
            return Bar.RUNS
        if release in quarantined:
            return Bar.QUARANTINED
        if release in self._left:
            return Bar.LEFT
        if release in self._failed:
            return Bar.FAILED
        if not any(other.release == release for other in self.verified):
            verified = any(other.verified and other.release == release for other in self._known.values())
            if verified:
                return Bar.COVERED
            return Bar.PAST_US if each.state is State.BYPASSED else Bar.UNVERIFIED
        return None

    def _lay_down(self, each: Arrival) -> None:
        same = [place for place, other in enumerate(self.pile) if other.release == each.release]
        if each.kind is Kind.ROLLBACK:  # one that is not there lies deeper than the record goes
            del self.pile[same[-1] if same else 0 :]
        self.pile.append(each)

    def _undone_by(self, each: Arrival) -> Arrival | None:
        return self._known.get(each.undoes) if each.undoes and each.kind is Kind.ROLLBACK else None
