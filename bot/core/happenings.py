"""What ended in a while, as summaries and figures need it; and the port that reads it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.failures import Failure
from bot.core.lifecycle import State
from bot.core.schedules import Window
from bot.core.values import DeploymentId, Kind, Sha


@dataclass(frozen=True, slots=True)
class Happened:
    """A deployment that has ended. `again`: its release had been there before."""

    id: DeploymentId
    number: int
    service: str
    environment: str
    kind: Kind
    state: State
    planned: bool
    emergency: bool
    sha: Sha | None
    ended_at: datetime
    landed: bool = False  # it runs there although nobody let it in here
    again: bool = False
    committed: tuple[datetime, ...] = ()  # when what it brought was committed, without merges

    @property
    def arrived(self) -> bool:
        """Whether its release runs there from then on."""
        return self.state is State.SUCCEEDED or (self.state is State.BYPASSED and self.landed)

    @property
    def broke_off(self) -> bool:
        """Whether it began and did not get through."""
        return self.state in (State.FAILED, State.CANCELLED, State.ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Story:
    """All that ended in a while, the oldest first, and the failures of these or that began then."""

    deployments: tuple[Happened, ...] = ()
    failures: tuple[Failure, ...] = ()

    def within(self, window: Window) -> Story:
        """The part of it in this window; a failure is told when it began."""
        ended = tuple(each for each in self.deployments if window.holds(each.ended_at))
        return Story(ended, tuple(each for each in self.failures if window.holds(each.started_at)))


class Happenings(Protocol):
    """The store's port, outside any unit of work."""

    async def story(self, workspace: str, window: Window, services: Collection[str]) -> Story:
        """Of these services; from the start until before the end."""
        ...
