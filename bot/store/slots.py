"""The slot of a service in an environment: a row that only one deployment can insert."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.core.errors import Transient
from bot.core.records import Deployment
from bot.core.values import DeploymentId
from bot.store.inside import Inside
from bot.store.tables import slots

_TRIES = 5


class StoredSlots(Inside):
    """The slots as a unit of work sees them."""

    async def take(self, deployment: Deployment) -> DeploymentId:
        """The holder after the try: this deployment when it was free."""
        row = {
            "workspace_id": self._workspace,
            "service": deployment.wish.service,
            "environment": deployment.wish.environment,
            "deployment_id": deployment.id,
            "taken_at": self._now,
        }
        for _ in range(_TRIES):
            await self._connection.execute(self._database.insert(slots).values(row).on_conflict_do_nothing())
            holder = await self.holder(deployment.wish.service, deployment.wish.environment)
            if holder is not None:
                return holder  # None: it was freed between the two statements
        raise Transient("The slot changes hands too often.", system="The database")

    async def holder(self, service: str, environment: str) -> DeploymentId | None:
        """Who has it now."""
        query = select(slots.c.deployment_id).where(
            slots.c.workspace_id == self._workspace,
            slots.c.service == service,
            slots.c.environment == environment,
        )
        found = (await self._connection.execute(query)).scalar_one_or_none()
        return DeploymentId(found) if found else None

    async def free(self, deployment: DeploymentId) -> None:
        """Let go of whatever this deployment holds."""
        ours = (slots.c.workspace_id == self._workspace, slots.c.deployment_id == deployment)
        await self._connection.execute(delete(slots).where(*ours))
