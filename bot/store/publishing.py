"""Releases that were published: one row for each, and one for each tag, so that each is told once."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update

from bot.core.publishing import KnownRelease, Published
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.tables import published_releases


class StoredReleases(Inside):
    """The published releases as a unit of work sees them."""

    async def keep(self, provider: str, repository: str, release: Published) -> bool:
        """Whether it is a release from just now on: one more, or what was a prerelease until now."""
        here = {"workspace_id": self._workspace, "provider": provider, "repository": repository}
        told = {"published_at": release.at, "prerelease": release.prerelease}
        row = here | {"external_id": release.external_id, "tag": release.tag} | told
        insert = self._database.insert(published_releases).values(row).on_conflict_do_nothing()
        made = await self._connection.execute(insert.returning(published_releases.c.external_id))
        if made.scalar_one_or_none() is not None:
            return not release.prerelease
        if release.prerelease:
            return False
        columns = published_releases.c
        same = or_(columns.external_id == release.external_id, columns.tag == release.tag)
        where = and_(*[columns[name] == value for name, value in here.items()], same, columns.prerelease)
        grown = update(published_releases).where(where).values(prerelease=False)
        return (await self._connection.execute(grown)).rowcount > 0


class SqlShelf:
    """The ReleaseShelf over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str, provider: str, repository: str) -> tuple[KnownRelease, ...]:
        """All of a repository that are on record."""
        which = {"workspace_id": workspace, "provider": provider, "repository": repository}
        query = select(published_releases).filter_by(**which).order_by(published_releases.c.published_at)
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return tuple(
                KnownRelease(row.external_id, row.tag, row.published_at, row.prerelease) for row in rows
            )
