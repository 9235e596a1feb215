"""The open database: transactions, its clock, and errors in our words.

Time inside a transaction comes from one source, read once. In production that is the database's own clock, so
that replicas whose clocks differ agree on whose lease has run out. Where a clock is given (tests, with scaled
or stopped time) it serves leases as well: a lease in real seconds beside due times in scaled ones would never
run out, or at once. A lease that runs out early does no harm, because the fence and not the time decides who
may write.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from bot.core.errors import Bug, Transient
from bot.core.ports import Clock
from bot.store.engine import database_url, is_sqlite, reading_engine, writing_engine
from bot.store.statements import Kind
from bot.store.types import UtcDateTime
from bot.store.wakeups import Bells, Wake

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)  # how long others wait for what a killed process had; long work extends it


class Database:
    """One process's way to the database."""

    def __init__(self, url: str, owner: str, clock: Clock | None = None, lease: timedelta = LEASE) -> None:
        self.url = database_url(url)
        self.sqlite = is_sqlite(self.url)
        self.kind = Kind.SQLITE if self.sqlite else Kind.POSTGRESQL
        self.owner = owner
        self.lease = lease
        self.bells = Bells()
        self.tell_others: Callable[[Collection[Wake]], None] = lambda _: None
        self._clock = clock
        self._writer = writing_engine(self.url)
        self._reader = reading_engine(self.url)
        self._moment = _database_clock(self.sqlite)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits when the block ends well. Keep it short: on SQLite the others wait."""
        with in_our_words():
            async with self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for looking only."""
        with in_our_words():
            async with self._reader.connect() as connection:
                yield connection

    async def now(self, connection: AsyncConnection) -> datetime:
        """The time that holds for the whole transaction."""
        if self._clock is not None:
            return self._clock.now()
        return (await connection.execute(select(self._moment))).scalar_one()

    async def how_long(self, until: Select[Any]) -> timedelta | None:
        """From now until the moment that the query names, if it names one; negative when it is over."""
        async with self.read() as connection:
            then: datetime | None = (await connection.execute(until)).scalar_one()
            return None if then is None else then - await self.now(connection)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return self.kind.insert(table)

    def ring(self, wakes: Collection[Wake]) -> None:
        """Tell whoever waits for these; call it after the commit."""
        self.bells.ring(wakes)
        self.tell_others(wakes)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


_TROUBLE = (OperationalError, InterfaceError, InternalError)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Transient when the database is down, busy or ended us as a deadlock's victim; Bug for anything else.

    A commit whose answer was lost is Transient as well: whoever tries again reads the rows first. PostgreSQL
    quotes what was to be stored in the details of its errors, so those go no further.
    """
    try:
        yield
    except PoolTimeout as error:
        raise Transient("all connections are in use", system="The database") from error
    except DBAPIError as error:
        cause = type(error.orig).__name__
        if isinstance(error, _TROUBLE) and not _is_our_sql(error):
            log.warning("the database refused: %s", error.orig)
            raise Transient(cause, system="The database") from error
        raise Bug(f"the database refused ({cause}): {error.statement}") from None


def _is_our_sql(error: DBAPIError) -> bool:
    """SQLite calls a statement that it does not understand operational, too; an inner error needs none."""
    if isinstance(error, InternalError):
        return error.statement is not None
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _database_clock(sqlite_: bool) -> ColumnElement[datetime]:
    if sqlite_:
        # %f has three digits; three more make it microseconds for whoever reads it.
        return func.strftime("%Y-%m-%d %H:%M:%f000", "now", type_=UtcDateTime())
    return func.clock_timestamp(type_=UtcDateTime())
