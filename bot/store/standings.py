"""How runs and places stand by the record: the port Standings over one database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from bot.core.failures import Failure, FailureSource
from bot.core.following import RunRecord
from bot.core.pipelines import Repository
from bot.core.records import Deployment
from bot.core.resync import LISTING
from bot.core.runs import RunRef
from bot.store.database import Database
from bot.store.failures import read_failure
from bot.store.queries import SqlQueries
from bot.store.runs import read_run
from bot.store.tables import failures, marks, runs

BRANCHES = 200  # by name, to find the one that was meant


class SqlStandings:
    """The Standings over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest_on(self, workspace: str, repository: Repository, branch: str) -> tuple[RunRecord, ...]:
        """Of each workflow the last run on this branch, in its last attempt; the newest first."""
        here = and_(*_of(workspace, repository), runs.c.branch == branch, runs.c.path.is_not(None))
        last = select(runs.c.path, func.max(runs.c.number).label("number")).where(here).group_by(runs.c.path)
        newest = last.subquery()
        query = (
            select(runs)
            .join(newest, and_(newest.c.path == runs.c.path, newest.c.number == runs.c.number))
            .where(here)
            .order_by(runs.c.attempt)
        )
        async with self._database.read() as connection:
            records = [read_run(row) for row in await connection.execute(query)]
        found = {each.about.path: each for each in records if each.about is not None}
        return tuple(sorted(found.values(), key=_begun, reverse=True))

    async def branches(self, workspace: str, repository: Repository) -> tuple[str, ...]:
        """Those on which something ran."""
        here = and_(*_of(workspace, repository), runs.c.branch.is_not(None), runs.c.branch != "")
        query = select(runs.c.branch).distinct().where(here).order_by(runs.c.branch).limit(BRANCHES)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def called(
        self, workspace: str, repositories: Collection[Repository], external_id: str
    ) -> RunRef | None:
        """The run of this number in one of these repositories."""
        names = sorted({each.full_name for each in repositories})
        query = (
            select(runs.c.provider, runs.c.repository)
            .where(runs.c.workspace_id == workspace, runs.c.repository.in_(names))
            .where(runs.c.external_id == external_id)
            .order_by(runs.c.observed_at.desc())
        )
        known = {(each.provider.value, each.full_name) for each in repositories}
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            found = next((row for row in rows if (row.provider, row.repository) in known), None)
        return RunRef(found.provider, found.repository, external_id) if found else None

    async def owners(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]:
        """The deployments that this run belongs to, in any of its attempts."""
        return await SqlQueries(self._database).of_run(workspace, ref)

    async def failing(self, workspace: str, service: str, environment: str) -> tuple[Failure, ...]:
        """What went wrong there and is not over, the oldest first."""
        query = (
            select(failures)
            .where(failures.c.workspace_id == workspace, failures.c.ended_at.is_(None))
            .where(failures.c.service == service, failures.c.environment == environment)
            .where(failures.c.source.in_([each.value for each in FailureSource]))
            .order_by(failures.c.started_at, failures.c.id)
        )
        async with self._database.read() as connection:
            return tuple(read_failure(row) for row in await connection.execute(query))

    async def looked_through(self, workspace: str, repository: Repository) -> datetime | None:
        """When the listing of its runs was read last."""
        name = f"{LISTING}{repository.provider.value}/{repository.full_name}"
        query = select(marks.c.looked_at).filter_by(workspace_id=workspace, name=name)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none()


def _of(workspace: str, repository: Repository) -> tuple[Any, ...]:
    provider = runs.c.provider == repository.provider.value
    return runs.c.workspace_id == workspace, provider, runs.c.repository == repository.full_name


def _begun(record: RunRecord) -> datetime:
    return record.run.started_at or record.observed_at
