"""The port HeldSubscriptions over a list, and the shortest way to a subscription."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.subscriptions import Filter, Subscription, made
from tests.fakes.samples import ADA, NOON, TEAM, actor

HERE = "C0HERE0001"


def subscription(number: int = 1, filter: Filter | None = None, **changes: Any) -> Subscription:
    """Ada subscribed this channel at noon."""
    plain = Subscription(number, HERE, "#here", filter or made(["api"]), actor(ADA), NOON)
    return replace(plain, **changes)


@dataclass
class FakeSubscriptions:
    """Of one workspace."""

    kept: list[Subscription] = field(default_factory=list)

    async def subscriptions(self, workspace: str) -> tuple[Subscription, ...]:
        return tuple(self.kept) if workspace == TEAM else ()
