"""Writes a batch of receipts with one statement, and says of each whether it is new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, select

from bot.core.ports import Clock
from bot.core.records import Receipt, Stored
from bot.store.engine import database_url, is_sqlite
from bot.store.ids import new_id
from bot.store.sealing import Seal
from bot.store.tables import inbox

_BUSY_SECONDS = 2  # Slack waits for three
_COLUMNS = (
    "workspace_id, id, source, lane, kind, delivery_key, signature, headers, body,"
    " sealed, received_at, due_at"
)
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -8000",  # KiB: the upper pages of the indexes stay in memory
    "PRAGMA wal_autocheckpoint = 4000",  # pages: whoever moves them into the file makes others wait
)
_POSTGRES_OPTIONS = f"-c synchronous_commit=on -c statement_timeout={_BUSY_SECONDS}s"
_POSTGRES_INSERT = f"""
    INSERT INTO inbox ({_COLUMNS})
    SELECT t.*, %b, coalesce(%b::timestamptz, now()), coalesce(%b::timestamptz, now())
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
                %b::jsonb[], %b::bytea[]) AS t
    ON CONFLICT DO NOTHING
"""

Row = tuple[Any, ...]


class ReceiptWriter:
    """One connection that inserts. Each statement is a transaction; it returns when the disk has it.

    It speaks to the driver itself: this runs before every acknowledgement, and a session or a Core connection
    for each batch would cost as much as the batch.
    """

    def __init__(self, url: str, seal: Seal, clock: Clock | None = None) -> None:
        target = database_url(url)
        self._sqlite = is_sqlite(target)
        self._seal = seal
        self._clock = clock
        self._engine = _engine(target)
        self._link: PoolProxiedConnection | None = None

    def write(self, receipts: Sequence[Receipt]) -> list[Stored | None]:
        """What each of them is: new, seen before, or replayed; None for one that no database would take."""
        rows = [self._row(receipt) for receipt in receipts]
        driver = self._engine.dialect.loaded_dbapi
        try:
            return self._write(receipts, rows)
        except driver.DataError:
            return [None] if len(rows) == 1 else [self.write([receipt])[0] for receipt in receipts]
        except driver.Error as error:
            if not self._hang_up(error):
                raise
            # The connection had died since its last use. Repeating is safe: what a commit has stored whose
            # answer was lost is found under its id, and counts as new.
            return self._write(receipts, rows)

    def close(self) -> None:
        """Let go of the connection."""
        if self._link is not None:
            self._link.close()
        self._engine.dispose()

    def _hang_up(self, error: Exception) -> bool:
        """Never use a connection again that failed once; say whether it was lost."""
        if self._link is None:
            return False
        connection: Any = self._link.dbapi_connection
        lost = self._engine.dialect.is_disconnect(error, connection, None)  # type: ignore[arg-type]
        self._link.invalidate()
        self._link = None
        return lost

    def _write(self, receipts: Sequence[Receipt], rows: Sequence[Row]) -> list[Stored | None]:
        if self._link is None:
            self._link = self._engine.raw_connection()
        cursor = self._link.cursor()
        try:
            cursor.execute(*(self._sqlite_insert(rows) if self._sqlite else self._postgres_insert(rows)))
            inserted: int = cursor.rowcount
        finally:
            cursor.close()
        if inserted == len(rows):
            return [Stored.NEW] * len(rows)
        with self._engine.connect() as connection:
            return _compare(connection, receipts, rows)

    def _sqlite_insert(self, rows: Sequence[Row]) -> tuple[str, Row]:
        moment = (self._clock.now() if self._clock else datetime.now(UTC)).astimezone(UTC)
        at = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        rest = (self._seal.closes, at, at)
        return _sqlite_statement(len(rows)), tuple(value for row in rows for value in row + rest)

    def _postgres_insert(self, rows: Sequence[Row]) -> tuple[str, Row]:
        at = self._clock.now() if self._clock else None
        columns = (list(column) for column in zip(*rows, strict=True))
        return _POSTGRES_INSERT, (self._seal.closes, at, at, *columns)

    def _row(self, receipt: Receipt) -> Row:
        return (
            receipt.workspace,
            new_id(),
            receipt.source.value,
            receipt.lane.value,
            receipt.kind,
            receipt.delivery_key,
            receipt.signature or None,
            _json(receipt.headers),
            self._seal.close(receipt.body),
        )


def _engine(url: URL) -> Engine:
    sqlite = is_sqlite(url)
    arguments: dict[str, Any] = (
        {"isolation_level": None, "timeout": _BUSY_SECONDS}
        if sqlite
        else {"options": _POSTGRES_OPTIONS, "connect_timeout": _BUSY_SECONDS}
    )
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite") if sqlite else url,
        connect_args=arguments,
        isolation_level="AUTOCOMMIT",
        pool_size=2,  # one that inserts, one that compares
        max_overflow=0,
        hide_parameters=True,
    )
    if sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


@lru_cache(maxsize=128)
def _json(headers: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(headers)


@lru_cache
def _sqlite_statement(rows: int) -> str:
    row = f"({', '.join('?' * (_COLUMNS.count(',') + 1))})"
    return f"INSERT INTO inbox ({_COLUMNS}) VALUES {', '.join([row] * rows)} ON CONFLICT DO NOTHING"


def _set_up_sqlite(connection: Any, _record: object) -> None:
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _compare(connection: Connection, receipts: Sequence[Receipt], rows: Sequence[Row]) -> list[Stored | None]:
    """Look at each one: the statement says only that some were there already."""
    ids = [row[1] for row in rows]
    new = set(connection.scalars(select(inbox.c.id).where(inbox.c.id.in_(ids))))
    return [
        Stored.NEW if id in new else _earlier(connection, receipt)
        for id, receipt in zip(ids, receipts, strict=True)
    ]


def _earlier(connection: Connection, receipt: Receipt) -> Stored:
    same = select(inbox.c.id).where(
        inbox.c.workspace_id == receipt.workspace,
        inbox.c.source == receipt.source.value,
        inbox.c.signature == receipt.signature,
    )
    return Stored.SEEN if connection.execute(same).first() is None else Stored.REPLAYED
