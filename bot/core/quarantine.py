"""A quarantine: a release that may not go somewhere until somebody lifts it, or lets one deployment pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.core.locks import STORY, Scope
from bot.core.records import Deployment
from bot.core.values import Actor, Sha, short
from bot.core.visible import clip, visible

NAMED = 100  # characters of a reference


@dataclass(frozen=True, slots=True)
class Fix:
    """An owner's word that this release contains the fix; it holds for all that is made of it."""

    sha: Sha
    ref: str  # as they called it
    by: Actor
    reason: str
    at: datetime

    @property
    def named(self) -> str:
        """The release as people call it."""
        return _named(self.ref, self.sha)

    @property
    def story(self) -> str:
        """Who said so and why."""
        return f"{self.by.name} said that {self.named} contains the fix: “{clip(self.reason, STORY)}”."


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One commit in one place, or in every environment of a service, with all that is made of it."""

    id: str
    scope: Scope  # always of a service
    sha: Sha
    ref: str  # as whoever did it called the release
    by: Actor
    reason: str
    since: datetime
    fixes: tuple[Fix, ...] = ()  # the oldest first

    @property
    def named(self) -> str:
        """The release as people call it."""
        return _named(self.ref, self.sha)

    @property
    def story(self) -> str:
        """Who, since when and why, where a text can't show each reader's own time."""
        return f"{self.by.name} did so at {self.since:%Y-%m-%d %H:%M} UTC: “{clip(self.reason, STORY)}”."

    @property
    def typed(self) -> str:
        """As a person types it after `/quarantine`."""
        return f"{self.scope.typed} {short(self.sha)}"


def against(held: Iterable[Quarantine], deployment: Deployment) -> tuple[Quarantine, ...]:
    """Those of the very release of this deployment, in its place."""
    resolution, wish = deployment.resolution, deployment.wish
    if resolution is None:
        return ()
    place = Scope(wish.service, wish.environment)
    return tuple(each for each in held if each.sha == resolution.release.sha and each.scope.covers(place))


def kept_out_of(held: Iterable[Quarantine], place: Scope) -> frozenset[Sha]:
    """The very commits that may not go there."""
    return frozenset(each.sha for each in held if each.scope.covers(place))


def _named(ref: str, sha: Sha) -> str:
    called = "" if sha.startswith(ref) else f"{clip(visible(ref), NAMED)}, "
    return f"{called}{short(sha)}"
