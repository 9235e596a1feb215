"""Failures: a row for each that a source knows, which gets its end when the place has recovered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, exists, select, update

from bot.core.failures import Failure, FailureSource
from bot.core.values import DeploymentId, Sha
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.inside import Inside
from bot.store.tables import deployments, failures

_KEY = ["workspace_id", "source", "external_id"]


class StoredFailures(Inside):
    """The failures as a unit of work sees them."""

    async def open(self, failure: Failure) -> bool:
        """False when it is on record already, ended or not; then that stays as it is."""
        insert = self._database.insert(failures).values(self._row(failure)).on_conflict_do_nothing()
        kept = await self._connection.execute(insert.returning(failures.c.id))
        return kept.scalar_one_or_none() is not None

    async def begin(self, failure: Failure) -> None:
        """Known from now on; one that began again goes on, as if it had never ended."""
        insert = self._database.insert(failures).values(self._row(failure))
        again = insert.on_conflict_do_update(index_elements=_KEY, set_={"ended_at": None})
        await self._connection.execute(again)

    async def end(self, source: FailureSource, external_id: str) -> None:
        """It is over; one that nobody told of stays unknown."""
        which = update(failures).where(
            failures.c.workspace_id == self._workspace,
            failures.c.source == source.value,
            failures.c.external_id == external_id,
            failures.c.ended_at.is_(None),
        )
        await self._connection.execute(which.values(ended_at=self._now))

    async def recover(self, service: str, environment: str, release: Sha) -> tuple[Failure, ...]:
        """End now whatever somebody began to take away there, but not what this very release did."""
        of_this_release = exists().where(
            deployments.c.workspace_id == failures.c.workspace_id,
            deployments.c.id == failures.c.deployment_id,
            deployments.c.release_sha == release,
        )
        ended = (
            update(failures)
            .where(
                failures.c.workspace_id == self._workspace,
                failures.c.service == service,
                failures.c.environment == environment,
                failures.c.source == FailureSource.ROLLBACK.value,
                failures.c.ended_at.is_(None),
                ~of_this_release,
            )
            .values(ended_at=self._now)
            .returning(*failures.c)
        )
        rows = (await self._connection.execute(ended)).all()
        return tuple(sorted((read_failure(row) for row in rows), key=lambda each: each.started_at))

    def _row(self, failure: Failure) -> dict[str, object]:
        return {
            "workspace_id": self._workspace,
            "id": new_id(),
            "service": failure.service,
            "environment": failure.environment,
            "deployment_id": failure.deployment,
            "source": failure.source.value,
            "external_id": failure.external_id,
            "summary": failure.summary,
            "started_at": failure.started_at,
            "ended_at": failure.ended_at,
        }


class SqlFailures:
    """The FailureBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str, service: str, environment: str) -> tuple[Failure, ...]:
        """All of these sources that are on record of a place, the oldest first."""
        query = (
            select(failures)
            .where(failures.c.workspace_id == workspace)
            .where(failures.c.service == service, failures.c.environment == environment)
            .where(failures.c.source.in_([each.value for each in FailureSource]))
            .order_by(failures.c.started_at, failures.c.id)
        )
        async with self._database.read() as connection:
            return tuple(read_failure(row) for row in await connection.execute(query))


def read_failure(row: Row[Any]) -> Failure:
    """The failure that a row holds."""
    return Failure(
        service=row.service,
        environment=row.environment,
        deployment=DeploymentId(row.deployment_id),
        source=FailureSource(row.source),
        external_id=row.external_id,
        summary=row.summary,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
