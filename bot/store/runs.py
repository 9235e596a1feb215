"""Runs of anybody: one row for each attempt, in which nothing older replaces what is newer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Delete,
    Row,
    and_,
    bindparam,
    case,
    delete,
    exists,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.following import (
    KEYS,
    VERDICTS,
    About,
    Artifact,
    RunChange,
    RunReading,
    RunRecord,
    Told,
    has_ended,
)
from bot.core.resync import Mark
from bot.core.runs import RunRef, RunStatus
from bot.core.tails import KEYS as TAILS
from bot.core.tails import RUN_KEYS as RUN_TAILS
from bot.core.values import DeploymentId
from bot.store import mapping
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.inside import Inside
from bot.store.statements import Kind, the, this
from bot.store.tables import deployments, leases, marks, runs, work

_artifacts = TypeAdapter(tuple[Artifact, ...] | None)
_told = TypeAdapter(tuple[Told, ...])

KEYS_KEPT = timedelta(days=7)
RUNS_KEPT = timedelta(days=400)  # so that a year can be compared with the one before
_KEY = ("workspace_id", "provider", "repository", "external_id", "attempt")
_THIS = this(runs, *_KEY)
_OVER = and_(runs.c.ended_at.is_not(None), runs.c.status != RunStatus.NEEDS_PERSON.value)
_WORDS = ("workflow", "path", "branch", "event", "actor", "actor_id", "commit_title", "commit_url")
_ABOUT = (*_WORDS, "number", "ours")


class StoredRuns(Inside):
    """The runs as a unit of work sees them."""

    async def last(self, ref: RunRef, attempt: int) -> RunRecord | None:
        """This attempt as it is on record, locked where it is."""
        query = select(runs).where(_THIS).with_for_update()
        row = (await self._connection.execute(query, self._which(ref, attempt))).one_or_none()
        return read_run(row) if row else None

    async def describe(self, reading: RunReading, at: datetime) -> None:
        """What it is of; makes the record where there is none. How it goes is left as it stands."""
        run = reading.run
        row = {
            **self._identity(run.ref, run.attempt),
            "id": new_id(),
            **mapping.run_columns(run),
            **_about_columns(reading.about),
            "changed_at": reading.changed_at,
            "observed_at": at,
        }
        await self._connection.execute(_describe(self._database.kind), row)

    async def keep(self, reading: RunReading, at: datetime, ended: Collection[DeploymentId]) -> bool:
        """How it goes, as read at `at`; False when what is on record is newer."""
        run = reading.run
        free = or_(runs.c.deployment_id.is_(None), runs.c.deployment_id.in_(list(ended)))
        newer = and_(runs.c.observed_at <= at, or_(~_OVER, literal(has_ended(run))))
        values = mapping.run_columns(run) | {"changed_at": reading.changed_at, "observed_at": at}
        written = update(runs).where(_THIS, free, newer).values(values)
        done = await self._connection.execute(written, self._which(run.ref, run.attempt))
        return done.rowcount == 1

    async def miss(self, ref: RunRef, attempt: int, *, gone: bool) -> None:
        """The provider does not show it; `gone`: nor will it again."""
        first = case((runs.c.missing_since.is_(None), self._now), else_=runs.c.missing_since)
        values = {"missing_since": first} | ({"vanished_at": self._now} if gone else {})
        await self._connection.execute(update(runs).where(_THIS).values(values), self._which(ref, attempt))

    async def previous(self, record: RunRecord) -> RunStatus | None:
        """How the last one before it ended, of the same workflow and branch, with a verdict."""
        about, run = record.about, record.run
        if about is None:
            return None
        verdict = runs.c.status.in_(sorted(each.value for each in VERDICTS))
        line = and_(
            runs.c.workspace_id == self._workspace,
            runs.c.provider == run.ref.provider,
            runs.c.repository == run.ref.repository,
            runs.c.path == about.path,
            runs.c.branch == about.branch,
            verdict,
        )
        overtaken = select(runs.c.id).where(line, runs.c.number > about.number).correlate(None).exists()
        same_run = and_(runs.c.external_id == run.ref.external_id, runs.c.attempt < run.attempt)
        query = (
            select(runs.c.status)
            .where(line, or_(and_(runs.c.number < about.number, ~overtaken), same_run))
            .order_by(runs.c.number.desc(), runs.c.attempt.desc())
            .limit(1)
        )
        found = (await self._connection.execute(query)).scalar_one_or_none()
        return RunStatus(found) if found else None

    async def tell(self, record: RunRecord, changes: tuple[RunChange, ...]) -> None:
        """Write down what changed."""
        told = (*record.told, *(Told(each, self._now) for each in changes))
        written = update(runs).where(_THIS).values(told=_told.dump_python(told, mode="json"))
        await self._connection.execute(written, self._which(record.run.ref, record.run.attempt))

    def _identity(self, ref: RunRef, attempt: int) -> dict[str, Any]:
        values = (self._workspace, ref.provider, ref.repository, ref.external_id, attempt)
        return dict(zip(_KEY, values, strict=True))

    def _which(self, ref: RunRef, attempt: int) -> dict[str, Any]:
        return the(**self._identity(ref, attempt))


class StoredMarks(Inside):
    """How far things were looked through, as a unit of work writes it."""

    async def put(self, name: str, mark: Mark) -> None:
        """In place of the one before."""
        told = {"since": mark.since, "looked_at": mark.looked_at, "etag": mark.etag}
        row = {"workspace_id": self._workspace, "name": name} | told
        upsert = self._database.insert(marks).values(row)
        await self._connection.execute(
            upsert.on_conflict_do_update(index_elements=["workspace_id", "name"], set_=told)
        )


class SqlRuns:
    """The RunBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attempts(self, workspace: str, ref: RunRef) -> tuple[RunRecord, ...]:
        """All that are on record of one run, the first one first."""
        which = the(
            workspace_id=workspace,
            provider=ref.provider,
            repository=ref.repository,
            external_id=ref.external_id,
        )
        async with self._database.read() as connection:
            return tuple(read_run(row) for row in await connection.execute(_attempts(), which))

    async def newest_of(
        self, workspace: str, provider: str, repository: str, ids: Collection[str]
    ) -> Mapping[str, RunRecord]:
        """The last attempt on record of each of these runs."""
        query = (
            select(runs)
            .where(runs.c.workspace_id == workspace, runs.c.provider == provider)
            .where(runs.c.repository == repository)
            .where(runs.c.external_id.in_(bindparam("ids", expanding=True)))
            .order_by(runs.c.attempt)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query, {"ids": list(ids)})
            return {row.external_id: read_run(row) for row in rows}

    async def purge(self) -> int:
        """Forget those of long ago that no deployment had to do with."""
        ours = exists().where(
            deployments.c.workspace_id == runs.c.workspace_id, deployments.c.run_id == runs.c.id
        )
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            await _forget_keys(connection, now - KEYS_KEPT)
            await _forget_tails(connection)
            old = and_(runs.c.observed_at < now - RUNS_KEPT, runs.c.deployment_id.is_(None), ~ours)
            return (await connection.execute(delete(runs).where(old))).rowcount

    async def mark(self, workspace: str, name: str) -> Mark | None:
        """How far this was looked through."""
        query = select(marks).filter_by(workspace_id=workspace, name=name)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Mark(row.since, row.looked_at, row.etag) if row else None


async def _forget_keys(connection: AsyncConnection, before: datetime) -> None:
    """Of runs that ended by then, where nobody wants a look; one that goes again is given a new one."""
    id = KEYS + runs.c.provider + "/" + runs.c.external_id + "/" + runs.c.repository
    ended = select(runs.c.workspace_id, id).where(runs.c.ended_at < before, runs.c.observed_at < before)
    theirs, wished = (tuple_(each.c.workspace_id, each.c.key).in_(ended) for each in (leases, work))
    await connection.execute(_forget_leases(KEYS).where(theirs))
    await connection.execute(_forget_wishes(KEYS).where(wished))


async def _forget_tails(connection: AsyncConnection) -> None:
    """Nobody looks for the end of a log twice; that it was said is kept as a turn."""
    for keys in (TAILS, RUN_TAILS):
        await connection.execute(_forget_leases(keys))
        await connection.execute(_forget_wishes(keys))


def _forget_leases(keys: str) -> Delete:
    """Of keys that begin so, at which nobody looks and wants to."""
    wanted = exists().where(
        work.c.workspace_id == leases.c.workspace_id, work.c.key == leases.c.key, work.c.due_at.is_not(None)
    )
    return delete(leases).where(leases.c.key.startswith(keys), leases.c.until.is_(None), ~wanted)


def _forget_wishes(keys: str) -> Delete:
    """The same of what is left where there is no lease."""
    held = exists().where(leases.c.workspace_id == work.c.workspace_id, leases.c.key == work.c.key)
    return delete(work).where(work.c.key.startswith(keys), work.c.due_at.is_(None), ~held)


@cache
def _attempts() -> Any:
    which = this(runs, "workspace_id", "provider", "repository", "external_id")
    return select(runs).where(which).order_by(runs.c.attempt)


@cache
def _describe(kind: Kind) -> Any:
    insert = kind.insert(runs)
    told = {name: insert.excluded[name] for name in _ABOUT}
    kept = case((insert.excluded.artifacts.is_(None), runs.c.artifacts), else_=insert.excluded.artifacts)
    shown = {"artifacts": kept, "missing_since": None, "vanished_at": None}
    return insert.on_conflict_do_update(index_elements=list(_KEY), set_=told | shown)


def _about_columns(about: About) -> dict[str, Any]:
    return {
        "workflow": about.workflow,
        "path": about.path,
        "branch": about.branch,
        "event": about.event,
        "actor": about.actor,
        "actor_id": about.actor_id,
        "number": about.number,
        "commit_title": about.commit,
        "commit_url": about.commit_url,
        "ours": about.ours,
        "artifacts": _artifacts.dump_python(about.artifacts, mode="json"),
    }


def read_run(row: Row[Any]) -> RunRecord:
    """The attempt that a row holds."""
    return RunRecord(
        run=mapping.run(row._asdict(), ""),
        about=_about(row) if row.workflow is not None else None,
        changed_at=row.changed_at,
        observed_at=row.observed_at,
        deployment=DeploymentId(row.deployment_id) if row.deployment_id else None,
        missing_since=row.missing_since,
        vanished_at=row.vanished_at,
        told=_told.validate_python(row.told or ()),
    )


def _about(row: Row[Any]) -> About:
    return About(
        workflow=row.workflow,
        path=row.path,
        branch=row.branch,
        event=row.event,
        actor=row.actor,
        number=row.number,
        commit=row.commit_title,
        artifacts=_artifacts.validate_python(row.artifacts),
        actor_id=row.actor_id,
        commit_url=row.commit_url,
        ours=row.ours,
    )
