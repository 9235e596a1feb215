"""Which deliveries of a provider came in."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from bot.core.records import Source
from bot.store.database import Database
from bot.store.tables import inbox

_KNOWN = select(inbox.c.delivery_key).where(
    inbox.c.workspace_id == bindparam("workspace"),
    inbox.c.source == Source.GITHUB.value,
    inbox.c.delivery_key.in_(bindparam("keys", expanding=True)),
)


class SqlHeard:
    """The Heard over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def heard(self, workspace: str, guids: Collection[str]) -> frozenset[str]:
        """Those of them that are on record; a row stays longer than anything can be sent again."""
        which = {"workspace": workspace, "keys": list(guids)}
        async with self._database.read() as connection:
            return frozenset((await connection.execute(_KNOWN, which)).scalars())
