"""The port Happenings: what ended in a window, found by when it ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.failures import FailureSource
from bot.core.happenings import Happened, Story
from bot.core.lifecycle import State
from bot.core.schedules import Window
from bot.core.values import DeploymentId, Kind, Sha
from bot.store.database import Database
from bot.store.failures import read_failure
from bot.store.queries import arrived, moves, since, values_of
from bot.store.tables import deployment_changes, deployments, failures

_TOLD = values_of((State.SUCCEEDED, State.BYPASSED, State.FAILED, State.CANCELLED, State.ROLLED_BACK))


class SqlHappenings:
    """The Happenings over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def story(self, workspace: str, window: Window, services: Collection[str]) -> Story:
        """Of these services; from the start until before the end."""
        which = within(workspace, window, services)
        async with self._database.read() as connection:
            rows = list(await connection.execute(ended_query(which)))
            committed = await _committed(connection, which)
            failed = await connection.execute(failures_query(workspace, window, services, which))
            story = tuple(read_failure(row) for row in failed)
        return Story(tuple(_happened(row, committed.get(row.id, [])) for row in rows), story)


def within(workspace: str, window: Window, services: Collection[str]) -> ColumnElement[bool]:
    """What ended in there and had touched something."""
    return and_(
        deployments.c.workspace_id == workspace,
        deployments.c.ended_at >= window.starts,
        deployments.c.ended_at < window.ends,
        deployments.c.service.in_(sorted(services)),
        deployments.c.state.in_(_TOLD),
        moves(deployments),
    )


def ended_query(which: ColumnElement[bool]) -> Select[Any]:
    """Each with the word on whether its release had been there before."""
    other = deployments.alias("other")
    before = exists().where(
        other.c.workspace_id == deployments.c.workspace_id,
        other.c.service == deployments.c.service,
        other.c.release_sha == deployments.c.release_sha,
        other.c.environment == deployments.c.environment,
        since(other) < deployments.c.ended_at,
        arrived(other),
    )
    names = ("id", "number", "service", "environment", "kind", "state", "planned", "emergency")
    columns = [deployments.c[name] for name in (*names, "release_sha", "ended_at", "landed_at")]
    return (
        select(*columns, before.label("again"))
        .where(which)
        .order_by(deployments.c.ended_at, deployments.c.number)
    )


async def _committed(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[str, list[datetime]]:
    """When the commits of each were made; merges bring nothing of their own."""
    changes = deployment_changes.c
    its = and_(changes.workspace_id == deployments.c.workspace_id, changes.deployment_id == deployments.c.id)
    query = (
        select(changes.deployment_id, changes.committed_at)
        .select_from(deployment_changes.join(deployments, its))
        .where(which, ~changes.is_merge)
        .order_by(changes.deployment_id, changes.position)
    )
    found: dict[str, list[datetime]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.deployment_id, []).append(row.committed_at)
    return found


def failures_query(
    workspace: str, window: Window, services: Collection[str], which: ColumnElement[bool]
) -> Select[Any]:
    """Those that began in the window, and those of what ended in it."""
    began = and_(failures.c.started_at >= window.starts, failures.c.started_at < window.ends)
    return (
        select(failures)
        .where(
            failures.c.workspace_id == workspace,
            failures.c.service.in_(sorted(services)),
            failures.c.source.in_([each.value for each in FailureSource]),
            or_(began, failures.c.deployment_id.in_(select(deployments.c.id).where(which))),
        )
        .order_by(failures.c.started_at, failures.c.id)
    )


def _happened(row: Row[Any], committed: list[datetime]) -> Happened:
    return Happened(
        id=DeploymentId(row.id),
        number=row.number,
        service=row.service,
        environment=row.environment,
        kind=Kind(row.kind),
        state=State(row.state),
        planned=row.planned,
        emergency=row.emergency,
        sha=Sha(row.release_sha) if row.release_sha else None,
        ended_at=row.ended_at,
        landed=row.landed_at is not None,
        again=bool(row.again),
        committed=tuple(committed),
    )
