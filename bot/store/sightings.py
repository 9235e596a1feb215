"""What a code host said last of branches: a row for each, and for each release it was compared with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, select

from bot.core.pipelines import Repository
from bot.core.seen import Seen
from bot.core.sightings import Lag, Tip
from bot.core.values import Sha
from bot.store.database import Database
from bot.store.tables import observations

TIP, LAG, DEFAULT = "branch tip", "branch lag", "default branch"
KEPT = timedelta(days=30)  # nobody is helped by what was so before that
_tip, _lag = TypeAdapter(Tip), TypeAdapter(Lag)


class SqlSightings:
    """The Sightings over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_tip(self, workspace: str, repository: Repository, tip: Tip, at: datetime) -> None:
        """In place of an older one."""
        told = _tip.dump_python(tip, mode="json")
        await self._keep(workspace, TIP, _of(repository, tip.branch), told, at)

    async def tip(self, workspace: str, repository: Repository, branch: str) -> Seen[Tip] | None:
        """However old it is."""
        row = await self._last(workspace, TIP, _of(repository, branch))
        return Seen(_tip.validate_python(row.body), row.observed_at) if row else None

    async def keep_lag(
        self, workspace: str, repository: Repository, branch: str, lag: Lag, at: datetime
    ) -> None:
        """In place of an older one of the same release."""
        told = _lag.dump_python(lag, mode="json")
        await self._keep(workspace, LAG, _of(repository, branch, lag.release), told, at)

    async def lag(
        self, workspace: str, repository: Repository, branch: str, release: Sha
    ) -> Seen[Lag] | None:
        """However old it is."""
        row = await self._last(workspace, LAG, _of(repository, branch, release))
        return Seen(_lag.validate_python(row.body), row.observed_at) if row else None

    async def keep_default(self, workspace: str, repository: Repository, branch: str, at: datetime) -> None:
        """In place of an older one."""
        await self._keep(workspace, DEFAULT, _of(repository), {"branch": branch}, at)

    async def default(self, workspace: str, repository: Repository) -> str | None:
        """Which branch is the default one, by the last word on it."""
        row = await self._last(workspace, DEFAULT, _of(repository))
        return str(row.body["branch"]) if row else None

    async def purge(self) -> int:
        """Forget what was said long ago."""
        async with self._database.write() as connection:
            before = await self._database.now(connection) - KEPT
            old = observations.c.kind.in_((TIP, LAG, DEFAULT)) & (observations.c.observed_at < before)
            return (await connection.execute(delete(observations).where(old))).rowcount

    async def _keep(self, workspace: str, kind: str, subject: str, body: Any, at: datetime) -> None:
        told = {"body": body, "observed_at": at}
        row = {"workspace_id": workspace, "id": f"{kind}/{subject}", "subject": subject, "kind": kind}
        async with self._database.write() as connection:
            upsert = self._database.insert(observations).values(row | told)
            newer = upsert.excluded.observed_at >= observations.c.observed_at
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=told, where=newer)
            )

    async def _last(self, workspace: str, kind: str, subject: str) -> Row[Any] | None:
        query = select(observations).filter_by(workspace_id=workspace, id=f"{kind}/{subject}")
        async with self._database.read() as connection:
            return (await connection.execute(query)).one_or_none()


def _of(repository: Repository, *parts: str) -> str:
    return "/".join((f"{repository.provider.value}:{repository.full_name}", *parts))
