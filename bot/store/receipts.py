"""Writes a batch of receipts in one transaction, and says of each whether it is new."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, count
from threading import Lock
from typing import Any

from sqlalchemy import URL, Engine, PoolProxiedConnection, create_engine, event

from bot.core.ports import Clock
from bot.core.records import Receipt, Stored
from bot.store.engine import database_url, is_sqlite
from bot.store.ids import new_id
from bot.store.sealing import Seal

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
_POSTGRES_TYPES = ("text", "text", "text", "text", "text", "text", "text", "jsonb", "bytea")

_ID = 1  # where it stands in a row
Row = tuple[Any, ...]


class GivenUp(Exception):
    """Nobody waits for these receipts any more, and nothing of them was stored."""


class Fate:
    """Of a batch, decided once: that it stands, or that its senders were told that nothing was done."""

    def __init__(self) -> None:
        self._undecided = Lock()

    @property
    def decided(self) -> bool:
        """Whether it is too late to decide."""
        return self._undecided.locked()

    def decide(self) -> bool:
        """False when the other side was first."""
        return self._undecided.acquire(blocking=False)


class ReceiptWriter:
    """One connection that inserts. Each batch is a transaction; `write` returns when the disk has it.

    Where the answer to a commit came too late, or never, the rows are taken away again before anything else
    is done, unless a worker has begun with them: their senders were told that nothing was done.

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
        self._doubtful: list[str] = []  # rows that a commit may have stored, as long as nobody was told so
        self._batch: Sequence[Row] = ()

    def write(self, receipts: Sequence[Receipt], fate: Fate | None = None) -> list[Stored | None]:
        """What each of them is: new, seen before, or replayed; None for one that no database would take.

        GivenUp when their fate was decided meanwhile.
        """
        fate = fate or Fate()
        self._batch = rows = [self._row(receipt) for receipt in receipts]
        try:
            outcomes = self._sort_out(receipts, rows, fate)
            if not fate.decide():
                raise GivenUp
        except BaseException:
            self._batch = ()
            with suppress(self._engine.dialect.loaded_dbapi.Error):  # then before the next batch
                self._take_back()
            raise
        self._doubtful.clear()
        return outcomes

    def _sort_out(self, receipts: Sequence[Receipt], rows: Sequence[Row], fate: Fate) -> list[Stored | None]:
        driver = self._engine.dialect.loaded_dbapi
        try:
            return self._write(receipts, rows, fate)
        except driver.DataError:
            if len(rows) == 1:
                return [None]
            pairs = zip(receipts, rows, strict=True)
            return [self._sort_out([receipt], [row], fate)[0] for receipt, row in pairs]
        except driver.Error as error:
            if not self._hang_up(error):
                raise
            # The connection had died since its last use. Repeating is safe: what a commit has stored whose
            # answer was lost is found under its id, and counts as new.
            return self._write(receipts, rows, fate)

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

    def _write(self, receipts: Sequence[Receipt], rows: Sequence[Row], fate: Fate) -> list[Stored | None]:
        if fate.decided:
            raise GivenUp
        if self._link is None:
            self._link = self._engine.raw_connection()
        self._take_back()
        cursor = self._link.cursor()
        try:
            inserted = self._insert(cursor, rows)
            outcomes = self._outcomes(cursor, receipts, rows, inserted)
            if fate.decided:  # it waited too long, for a lock or for the network
                raise GivenUp
            self._doubtful += _ids(rows)
            cursor.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            cursor.close()
        return outcomes

    def _insert(self, cursor: Any, rows: Sequence[Row]) -> int:
        """How many were not there yet."""
        if self._sqlite:
            cursor.execute("BEGIN IMMEDIATE")
            return int(cursor.execute(*self._sqlite_insert(rows)).rowcount)
        # One that does not look for placeholders in a long statement each time.
        driver: Any = self._engine.dialect.loaded_dbapi
        plain = driver.RawCursor(cursor.connection)
        with cursor.connection.pipeline():  # both in one journey
            cursor.execute("BEGIN")
            plain.execute(*self._postgres_insert(rows))
        return int(plain.rowcount)

    def _outcomes(
        self, cursor: Any, receipts: Sequence[Receipt], rows: Sequence[Row], inserted: int
    ) -> list[Stored | None]:
        if inserted == len(rows):
            return [Stored.NEW] * len(rows)
        found = f"SELECT id FROM inbox WHERE id IN ({self._marks(len(rows))})"  # nosec B608
        cursor.execute(found, _ids(rows))
        new = {id for (id,) in cursor.fetchall()}
        return [
            Stored.NEW if row[_ID] in new else self._earlier(cursor, receipt)
            for row, receipt in zip(rows, receipts, strict=True)
        ]

    def _earlier(self, cursor: Any, receipt: Receipt) -> Stored:
        same = "SELECT 1 FROM inbox WHERE workspace_id = ? AND source = ? AND signature = ?"
        words = (receipt.workspace, receipt.source.value, receipt.signature)
        cursor.execute(same if self._sqlite else same.replace("?", "%s"), words)
        return Stored.SEEN if cursor.fetchone() is None else Stored.REPLAYED

    def _take_back(self) -> None:
        """Rows of earlier batches that may stand although their senders were told that nothing was done."""
        if not self._doubtful or self._link is None:
            return
        ours = set(_ids(self._batch))
        ids = [id for id in self._doubtful if id not in ours]
        if ids:
            cursor = self._link.cursor()
            unclaimed = f"DELETE FROM inbox WHERE fence = 0 AND id IN ({self._marks(len(ids))})"  # nosec B608
            cursor.execute(unclaimed, ids)
            cursor.close()
        self._doubtful = [id for id in self._doubtful if id in ours]

    def _marks(self, count: int) -> str:
        return ", ".join(["?" if self._sqlite else "%s"] * count)

    def _roll_back(self) -> None:
        if self._link is not None:
            with suppress(self._engine.dialect.loaded_dbapi.Error):  # it ends with the connection
                self._link.rollback()

    def _sqlite_insert(self, rows: Sequence[Row]) -> tuple[str, Row]:
        moment = (self._clock.now() if self._clock else datetime.now(UTC)).astimezone(UTC)
        at = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        rest = (self._seal.closes, at, at)
        return _sqlite_statement(len(rows)), tuple(value for row in rows for value in row + rest)

    def _postgres_insert(self, rows: Sequence[Row]) -> tuple[str, Row]:
        at = self._clock.now() if self._clock else None
        return _postgres_statement(len(rows)), (self._seal.closes, at, *chain.from_iterable(rows))

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
        pool_size=1,
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
    values = ", ".join([row] * rows)
    return f"INSERT INTO inbox ({_COLUMNS}) VALUES {values} ON CONFLICT DO NOTHING"  # nosec B608


@lru_cache
def _postgres_statement(rows: int) -> str:
    """The first row says what each column is, for all."""
    numbers = count(3)
    first = ", ".join(f"${next(numbers)}::{kind}" for kind in _POSTGRES_TYPES)
    others = (", ".join(f"${next(numbers)}" for _ in _POSTGRES_TYPES) for _ in range(rows - 1))
    values = ", ".join(f"({row})" for row in (first, *others))
    at = "coalesce($2::timestamptz, now())"
    told = f"SELECT t.*, $1::boolean, {at}, {at} FROM (VALUES {values}) AS t"  # nosec B608
    return f"INSERT INTO inbox ({_COLUMNS}) {told} ON CONFLICT DO NOTHING"  # nosec B608


def _set_up_sqlite(connection: Any, _record: object) -> None:
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _ids(rows: Iterable[Row]) -> list[str]:
    return [row[_ID] for row in rows]
