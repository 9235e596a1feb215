"""What is on record, as a list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.effects import Posted
from bot.core.lifecycle import HOLDING, State, Trigger
from bot.core.line import IN_LINE
from bot.core.promoting import Stay
from bot.core.records import Deployment, Live, Shown, Transition, Wish
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Sha
from tests.fakes.samples import LINUS, NOON, actor


@dataclass
class Records:
    """The port Queries over a list."""

    rows: list[Deployment] = field(default_factory=list)
    cards: dict[DeploymentId, Posted] = field(default_factory=dict)

    async def deployment(self, workspace: str, number: int) -> Deployment | None:
        return next(
            (each for each in self.rows if (each.workspace, each.number) == (workspace, number)), None
        )

    async def deployment_by_id(self, workspace: str, id: DeploymentId) -> Deployment | None:
        return next((each for each in self.rows if (each.workspace, each.id) == (workspace, id)), None)

    async def deployment_at(self, workspace: str, card: Posted) -> Deployment | None:
        raise NotImplementedError  # no message stands here

    async def card_of(self, workspace: str, id: DeploymentId) -> Posted | None:  # noqa: ARG002
        return self.cards.get(id)

    async def live(self, workspace: str, service: str, environment: str) -> Live | None:
        for each in await self.recent(workspace, service, environment, 100):
            if each.state is State.SUCCEEDED or each.landed_at is not None:
                return Live(service, environment, each)
        return None

    async def recent(
        self, workspace: str, service: str | None, environment: str | None, limit: int
    ) -> tuple[Deployment, ...]:
        found = [
            each
            for each in self.rows
            if each.workspace == workspace
            and service in (None, each.wish.service)
            and environment in (None, each.wish.environment)
        ]
        return tuple(found[:limit])

    async def in_line(self, workspace: str, wish: Wish, number: int | None = None) -> tuple[Deployment, ...]:
        there = (workspace, wish.service, wish.environment)
        found = [
            each
            for each in sorted(self.rows, key=lambda each: (each.state not in HOLDING, each.number))
            if (each.workspace, each.wish.service, each.wish.environment) == there and each.state in IN_LINE
        ]
        return tuple(each for each in found if number is None or each.number < number)

    async def in_states(
        self, workspace: str, states: Collection[State], limit: int, requester: str | None = None
    ) -> tuple[Shown, ...]:
        found = [
            Shown(each, Posted("C0DEPLOYS1", f"{each.number}.0"))
            for each in sorted(self.rows, key=lambda each: each.number)
            if (each.workspace, each.state in states) == (workspace, True)
            and requester in (None, each.requested_by.id)
        ]
        return tuple(found[:limit])

    async def transitions(self, workspace: str, id: DeploymentId) -> tuple[Transition, ...]:  # noqa: ARG002
        return (
            Transition(id, 1, State.REQUESTED, Trigger.RESOLVE, State.WAITING, actor(LINUS), NOON, "read"),
        )

    async def open_reviews(self, workspace: str) -> tuple[Deployment, ...]:
        found = [each for each in self.rows if each.workspace == workspace]
        return tuple(each for each in found if each.review and not each.review.closed)


@dataclass
class Gone:
    """The port Releases over a list of what got somewhere."""

    rows: list[Arrival] = field(default_factory=list)
    proofs: set[tuple[str, str]] = field(default_factory=set)

    async def stays(self, workspace: str, service: str, environment: str, release: Sha) -> tuple[Stay, ...]:
        raise NotImplementedError  # the gates ask for these

    async def arrivals(self, workspace: str, service: str, environment: str) -> tuple[Arrival, ...]:  # noqa: ARG002
        return tuple(self.rows)

    async def sent(
        self, workspace: str, service: str, environment: str, limit: int
    ) -> tuple[Deployment, ...]:
        raise NotImplementedError  # whoever looks at alerts asks for these

    async def proven(self, workspace: str, service: str, environment: str, since: datetime) -> bool:  # noqa: ARG002
        return (service, environment) in self.proofs

    async def asked_for(self, workspace: str, service: str, release: Sha) -> tuple[Deployment, ...]:
        raise NotImplementedError
