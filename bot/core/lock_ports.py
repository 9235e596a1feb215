"""The store's ports for locks and for whoever waits for their end."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.core.locks import Lock, Scope, Waiter
from bot.core.values import Actor, DeploymentId, Sha


class Locks(Protocol):
    """What people hold; inside a unit of work."""

    async def held(self) -> tuple[Lock, ...]:
        """Those that hold now, the oldest first."""
        ...

    async def take(
        self, scope: Scope, owner: Actor, reason: str, until: datetime | None, spares: Sha | None = None
    ) -> Lock:
        """The lock on this very scope after the try: theirs when it was free, or theirs before."""
        ...

    async def release(self, lock: Lock) -> bool:
        """False when it is no more, or another one by now."""
        ...

    async def waiting(self, scope: Scope) -> tuple[DeploymentId, ...]:
        """The deployments in there that have not begun."""
        ...

    async def hold_still(self) -> None:
        """Until the end of this unit of work nobody else takes a lock or ends one."""
        ...


class WaitingList(Protocol):
    """Who wants to be told when something is free; inside a unit of work."""

    async def join(self, scope: Scope, person: Actor) -> None:
        """At the end of the list; whoever stands there already keeps their place."""
        ...

    async def leave(self, waiter: Waiter) -> bool:
        """False when they are not there any more."""
        ...

    async def all(self) -> tuple[Waiter, ...]:
        """Whoever came first is first."""
        ...


class HeldLocks(Protocol):
    """The locks as commands and gates read them, outside any unit of work."""

    async def held(self, workspace: str) -> tuple[Lock, ...]:
        """Those that hold now, the oldest first."""
        ...

    async def waiters(self, workspace: str) -> tuple[Waiter, ...]:
        """Who wants to be told when something is free, whoever came first first."""
        ...
