"""The store's ports for subscriptions."""

from __future__ import annotations

from typing import Protocol

from bot.core.subscriptions import Filter, Subscription
from bot.core.told import Subject
from bot.core.values import Actor, DeploymentId


class Subscriptions(Protocol):
    """Inside a unit of work."""

    async def all(self) -> tuple[Subscription, ...]:
        """Every one of the workspace, those that are off as well, the oldest first."""
        ...

    async def put(self, channel: str, name: str, filter: Filter, maker: Actor) -> Subscription | None:
        """A new one, or theirs from now on where it was off; None where it stands already."""
        ...

    async def end(self, number: int) -> bool:
        """False when it is no more."""
        ...

    async def switch_off(self, channel: str, why: str) -> tuple[Subscription, ...]:
        """Those of the channel that were on until now."""
        ...

    async def pass_on(self, subscription: Subscription, to: Actor) -> None:
        """Somebody else answers for it from now on."""
        ...


class HeldSubscriptions(Protocol):
    """As commands read them, outside any unit of work."""

    async def subscriptions(self, workspace: str) -> tuple[Subscription, ...]:
        """Every one, those that are off as well, the oldest first."""
        ...


class Subjects(Protocol):
    """What subscribers ask of a deployment; inside a unit of work."""

    async def subject(self, id: DeploymentId) -> Subject | None:
        """As it is now, read without a lock; None when there is no such deployment."""
        ...
