"""Whether the database has the tables that this version of Slipway needs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.store.engine import database_url, plain_engine, sqlite_file

MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaState(StrEnum):
    """How the database compares with this version of Slipway."""

    NONE = "none"  # no tables of ours yet
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"  # a newer Slipway has been here


def revisions() -> tuple[str, ...]:
    """Every migration, oldest first; a file's name begins with its revision."""
    return tuple(sorted(file.stem.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def check(url: str) -> SchemaState:
    """Look, and change nothing: a database file that is not there is not made."""
    target = database_url(url)
    file = sqlite_file(target)
    if file is not None and not file.exists():
        return SchemaState.NONE
    engine = plain_engine(target)
    try:
        with engine.connect() as connection:
            return state_of(connection)
    finally:
        engine.dispose()


def state_of(connection: Connection) -> SchemaState:
    """The same, over a connection that is open already."""
    if not inspect(connection).has_table("alembic_version"):
        return SchemaState.NONE
    stamped = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    known = revisions()
    if stamped is None:
        return SchemaState.NONE
    if stamped not in known:
        return SchemaState.AHEAD
    return SchemaState.CURRENT if stamped == known[-1] else SchemaState.BEHIND
