"""What was last read of accounts at the code host: one row for each account and repository."""

from __future__ import annotations

from sqlalchemy import select

from bot.core.identity import Identity, RepositoryRole
from bot.core.pipelines import Repository
from bot.core.readings import Reading
from bot.store.database import Database
from bot.store.tables import observations

KIND = "repository role"


class SqlReadings:
    """The Readings over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, workspace: str, reading: Reading) -> None:
        """In place of an older one."""
        subject = _subject(reading.repository, reading.account)
        found = reading.identity
        told = {
            "body": {"login": found.login, "role": found.role.name.lower()},
            "observed_at": reading.at,
        }
        row = {"workspace_id": workspace, "id": subject, "subject": subject, "kind": KIND}
        async with self._database.write() as connection:
            upsert = self._database.insert(observations).values(row | told)
            newer = upsert.excluded.observed_at >= observations.c.observed_at
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=told, where=newer)
            )

    async def last(self, workspace: str, repository: Repository, account: str) -> Reading | None:
        """However old it is."""
        query = select(observations).filter_by(workspace_id=workspace, id=_subject(repository, account))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        identity = Identity(row.body["login"], RepositoryRole[row.body["role"].upper()])
        return Reading(repository, account, identity, row.observed_at)


def _subject(repository: Repository, account: str) -> str:
    return f"{KIND}/{repository.provider.value}:{repository.full_name}/{account}"
