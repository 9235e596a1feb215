"""The ports HeldLocks and HeldQuarantines over lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.locks import Lock, Scope, Waiter
from bot.core.quarantine import Quarantine
from bot.core.values import Actor
from tests.fakes.samples import ADA, NOON, TEAM, actor


@dataclass
class FakeLocks:
    """Of one workspace; what is in the lists holds."""

    locks: list[Lock] = field(default_factory=list)
    waiting: list[Waiter] = field(default_factory=list)

    async def held(self, workspace: str) -> tuple[Lock, ...]:
        return tuple(self.locks) if workspace == TEAM else ()

    async def waiters(self, workspace: str) -> tuple[Waiter, ...]:
        return tuple(self.waiting) if workspace == TEAM else ()


@dataclass
class FakeQuarantines:
    """Of one workspace."""

    releases: list[Quarantine] = field(default_factory=list)

    async def held(self, workspace: str) -> tuple[Quarantine, ...]:
        return tuple(self.releases) if workspace == TEAM else ()


def locked(scope: Scope, owner: Actor | None = None, lasts: timedelta | None = None) -> Lock:
    """A lock since noon."""
    until = NOON + lasts if lasts else None
    return Lock("l1", scope, owner or actor(ADA), "incident 4711", NOON, until)
