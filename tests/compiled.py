"""Compiled statements outlive the engine that compiled them.

Every test has engines of its own, with dialects of their own, and SQLAlchemy would compile each statement
anew for each of them: that took a sixth of a scenario's time.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store import engine


def share_compiled() -> None:
    """For the rest of this process. All engines of a kind are set up alike, so they may share."""
    for kind in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):
        setattr(kind, "__eq__", _is_alike)  # noqa: B010 - a method may not be assigned in so many words
        setattr(kind, "__hash__", _by_kind)  # noqa: B010
    sharing = partial(create_async_engine, execution_options={"compiled_cache": {}})
    setattr(engine, "create_async_engine", sharing)  # noqa: B010


def _is_alike(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


def _by_kind(one: Dialect) -> int:
    return hash(type(one))
