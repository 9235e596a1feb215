"""What subscribers ask of a deployment, read without a lock: whoever tells of it has written it just now."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, select

from bot.core.code import RefKind
from bot.core.lifecycle import State
from bot.core.told import Subject
from bot.core.values import DeploymentId, Kind
from bot.store.inside import Inside
from bot.store.queries import moves
from bot.store.statements import the, this
from bot.store.tables import deployments

_ENDED = (State.SUCCEEDED.value, State.FAILED.value, State.ROLLED_BACK.value)
_COLUMNS = ("kind", "service", "environment", "channel", "resolution", "request")
_SUBJECT: Any = select(*(deployments.c[name] for name in _COLUMNS)).where(
    this(deployments, "workspace_id", "id")
)
_LAST_END = (
    select(deployments.c.state)
    .where(
        this(deployments, "workspace_id", "service", "environment"),
        deployments.c.id != bindparam("but"),
        deployments.c.state.in_(_ENDED),
        deployments.c.attempted_at.is_not(None),
        moves(deployments),
    )
    .order_by(deployments.c.ended_at.desc(), deployments.c.number.desc())
    .limit(1)
)


class StoredSubjects(Inside):
    """The subjects as a unit of work sees them."""

    async def subject(self, id: DeploymentId) -> Subject | None:
        """None when there is no such deployment."""
        its = the(workspace_id=self._workspace, id=id)
        row = (await self._connection.execute(_SUBJECT, its)).one_or_none()
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
            workflow=_workflow(row.request),
            failed_before=await self._failed_before(id, row.service, row.environment),
        )

    async def _failed_before(self, id: DeploymentId, service: str, environment: str) -> bool:
        """Whether the last one that ended there, and had begun, did so badly."""
        there = the(workspace_id=self._workspace, service=service, environment=environment)
        state = (await self._connection.execute(_LAST_END, {**there, "but": id})).scalar_one_or_none()
        return state is not None and state != State.SUCCEEDED.value


def _workflow(request: str | None) -> str | None:
    """Of the frozen request, if there is one by now."""
    return str(json.loads(request)["workflow"]) or None if request else None
