"""Connections to the two databases, set up in the only way that proved right.

SQLite loses updates or answers "database is locked" in every other mode than this one: no transactions of
the driver's own, BEGIN IMMEDIATE for whoever writes, a write-ahead log, and a sync at every commit. One
process has one writing connection, so its writers queue in order instead of polling for the lock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.core.errors import UserError
from bot.store.sqlite import Threaded, Undoing

BUSY_MILLISECONDS = 10_000
POOL_SECONDS = 30
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # so that REPLACE meets the triggers that forbid deletion
)


def database_url(text: str) -> URL:
    """sqlite:///PATH or postgresql://..., with the drivers that we use; UserError for anything else."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise _refused("It is not a URL.") from None
    match url.get_backend_name():
        case "sqlite":
            if url.database in (None, "", ":memory:"):
                raise _refused("It names no file.")
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise _refused(f"Slipway does not speak to {other}.")


def _refused(why: str) -> UserError:
    return UserError(
        "The database URL cannot be used.",
        why,
        "Write sqlite:///path/to/slipway.db or postgresql://user:password@host/name.",
    )


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path | None:
    """The database's file, where it is one."""
    return Path(url.database) if is_sqlite(url) and url.database else None


def writing_engine(url: URL, *, pool: int = 10) -> AsyncEngine:
    """Every transaction of this engine may write."""
    engine = _async_engine(url, 1 if is_sqlite(url) else pool)
    if is_sqlite(url):
        _make_sqlite_right(engine.sync_engine, "BEGIN IMMEDIATE")
    return engine


def reading_engine(url: URL, *, pool: int = 4) -> AsyncEngine:
    """For looking only: its readers never wait for a writer, and see one state for a whole transaction."""
    engine = _async_engine(url, pool)
    if not is_sqlite(url):
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    if is_sqlite(url):
        _make_sqlite_right(engine.sync_engine, "BEGIN", read_only=True)
    return engine


def plain_engine(url: URL) -> Engine:
    """Without asyncio, for migrations."""
    if not is_sqlite(url):
        return create_engine(url)
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), connect_args=_sqlite_arguments() | {"factory": Undoing}
    )
    _make_sqlite_right(engine, "BEGIN IMMEDIATE")
    return engine


def _async_engine(url: URL, pool: int) -> AsyncEngine:
    arguments = _sqlite_arguments() | {"async_creator_fn": Threaded} if is_sqlite(url) else {}
    return create_async_engine(
        url,
        connect_args=arguments,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=not is_sqlite(url),
        hide_parameters=True,  # what people wrote must not reach the log by way of an error
    )


def _sqlite_arguments() -> dict[str, Any]:
    return {"isolation_level": None, "timeout": BUSY_MILLISECONDS / 1000}


def _make_sqlite_right(engine: Engine, begin: str, *, read_only: bool = False) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
