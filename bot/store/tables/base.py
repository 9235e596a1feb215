"""The one MetaData, and the columns that many tables share.

Every table starts with the workspace, and so does every key: no row of one workspace can stand in the way
of another's, and no query can forget to say whose rows it means.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text

from bot.store.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def workspace() -> Column[str]:
    """Whose row it is; part of the primary key."""
    return Column("workspace_id", Text, primary_key=True)


def words(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    """Text that must be there."""
    return Column(name, Text, primary_key=key, nullable=False, server_default=default)


def lease_columns() -> list[Column[object]]:
    """Who holds the row, until when, and how often it has changed hands."""
    return [
        Column("owner", Text),
        Column("until", UtcDateTime),
        Column("fence", BigInteger, nullable=False, server_default="0"),
    ]


def attempts() -> Column[int]:
    """How often it was taken up since it last went well."""
    return Column("attempts", Integer, nullable=False, server_default="0")
