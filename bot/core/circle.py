"""Who hears of a deployment beside whoever asked, by today's catalog: it only decides where messages go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.core.catalog import Announce, Catalog
from bot.core.owning import Owners, notified_now, owners_now
from bot.core.ports import Directory
from bot.core.records import Deployment


class Circle(Protocol):
    """As the messenger asks for it."""

    async def owners(self, deployment: Deployment) -> Owners:
        """Those of its service: they can answer where nobody knows."""
        ...

    async def notified(self, deployment: Deployment) -> Owners:
        """Those who want to hear of a failure there."""
        ...

    def announces(self, deployment: Deployment) -> Announce:
        """Which of its ends are said anew."""
        ...

    def external(self, deployment: Deployment) -> bool:
        """Whether people of other organisations may read of it."""
        ...


@dataclass(frozen=True, slots=True)
class CatalogCircle:
    """What the catalog and the directory say now."""

    directory: Directory
    catalog: Callable[[], Catalog]

    async def owners(self, deployment: Deployment) -> Owners:
        """Those of its service."""
        return await owners_now(self.directory, self.catalog, deployment)

    async def notified(self, deployment: Deployment) -> Owners:
        """Those whom its environment names."""
        return await notified_now(self.directory, self.catalog, deployment)

    def announces(self, deployment: Deployment) -> Announce:
        """All of them, where the place has left the catalog."""
        wish = deployment.wish
        place = self.catalog().environment(wish.service, wish.environment)
        return place.announce if place else Announce.ALL

    def external(self, deployment: Deployment) -> bool:
        """Never, where the service has left the catalog."""
        service = self.catalog().service(deployment.wish.service)
        return service is not None and service.external


class NoCircle:
    """Where nobody can look anything up."""

    async def owners(self, deployment: Deployment) -> Owners:  # noqa: ARG002
        """Nobody is known."""
        return Owners()

    async def notified(self, deployment: Deployment) -> Owners:  # noqa: ARG002
        """Nobody is known."""
        return Owners()

    def announces(self, deployment: Deployment) -> Announce:  # noqa: ARG002
        """What is usual."""
        return Announce.ALL

    def external(self, deployment: Deployment) -> bool:  # noqa: ARG002
        """What is careful."""
        return False
