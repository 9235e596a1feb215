"""SQLite means one server process; a lock file beside the database sees to it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from bot.core.errors import UserError
from bot.store.engine import database_url, sqlite_file


class ServeLock:
    """Held as long as its block runs; UserError when another server has it.

    The system lets go of it when the process ends, however it ends, so a file left behind stops nobody.
    """

    def __init__(self, url: str) -> None:
        self._file = sqlite_file(database_url(url))
        self._held: IO[str] | None = None

    def __enter__(self) -> None:
        if self._file is None:
            return
        path = self._file.with_name(f"{self._file.name}.lock")
        lock = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise _taken(self._file, _holder(path)) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._held = lock

    def __exit__(self, *_: object) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def _holder(path: Path) -> str:
    pid = path.read_text(encoding="utf-8").strip()
    return f"process {pid}" if pid.isdecimal() else "another process"


def _taken(file: Path, holder: str) -> UserError:
    return UserError(
        f"Another Slipway serves from {file} already.",
        f"It is {holder}, and SQLite means one server.",
        "Stop that one, name another database in DATABASE_URL, or use PostgreSQL for several replicas.",
    )
