"""What subscribers ask of a deployment, read without a lock: whoever tells of it has written it just now."""

from __future__ import annotations

from sqlalchemy import select

from bot.core.code import RefKind
from bot.core.lifecycle import State
from bot.core.told import Subject
from bot.core.values import DeploymentId, Kind
from bot.store.inside import Inside
from bot.store.queries import moves
from bot.store.tables import deployments

_ENDED = (State.SUCCEEDED.value, State.FAILED.value, State.ROLLED_BACK.value)


class StoredSubjects(Inside):
    """The subjects as a unit of work sees them."""

    async def subject(self, id: DeploymentId) -> Subject | None:
        """None when there is no such deployment."""
        query = select(deployments).filter_by(workspace_id=self._workspace, id=id)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            return None
        resolution = row.resolution or {}
        on_branch = resolution.get("ref_kind") == RefKind.BRANCH.value
        return Subject(
            id=id,
            kind=Kind(row.kind),
            service=row.service,
            environment=row.environment,
            channel=row.channel,
            branch=str(resolution["ref_name"]) if on_branch else None,
            failed_before=await self._failed_before(id, row.service, row.environment),
        )

    async def _failed_before(self, id: DeploymentId, service: str, environment: str) -> bool:
        """Whether the last one that ended there, and had begun, did so badly."""
        query = (
            select(deployments.c.state)
            .where(
                deployments.c.workspace_id == self._workspace,
                deployments.c.service == service,
                deployments.c.environment == environment,
                deployments.c.id != id,
                deployments.c.state.in_(_ENDED),
                deployments.c.attempted_at.is_not(None),
                moves(deployments),
            )
            .order_by(deployments.c.ended_at.desc(), deployments.c.number.desc())
            .limit(1)
        )
        state = (await self._connection.execute(query)).scalar_one_or_none()
        return state is not None and state != State.SUCCEEDED.value
