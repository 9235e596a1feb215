"""Bring a database up to this version of Slipway. Apart from `schema`, because Alembic is slow to import."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.core.errors import UserError
from bot.store.engine import database_url, plain_engine, sqlite_file
from bot.store.schema import MIGRATIONS, SchemaState, check, state_of

__all__ = ["SchemaState", "check", "upgrade"]

_LOCK = 0x51B9A7  # any number, the same for all who migrate one PostgreSQL database


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, all or nothing; UserError when a newer Slipway has been here."""
    target = database_url(url)
    file = sqlite_file(target)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = plain_engine(target)
    try:
        with engine.begin() as connection:
            _one_at_a_time(connection)
            if state_of(connection) is SchemaState.AHEAD:
                raise UserError(
                    "The database belongs to a newer version of Slipway.",
                    "It holds a migration that this version does not know.",
                    "Install that version again, or restore a backup made before it.",
                )
            command.upgrade(_config(connection), revision)
    finally:
        engine.dispose()


def _one_at_a_time(connection: Connection) -> None:
    """Two replicas that start together must not migrate together; SQLite's BEGIN IMMEDIATE sees to it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
