"""The folder that a demo fills and empties: one of its own, and never one that is in use."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import UserError
from bot.store.lockfile import ServeLock

MARK = ".slipway-demo"


@contextmanager
def fresh_folder(folder: Path, database: str) -> Iterator[None]:
    """Empty it and hold it; UserError for a folder that no demo made, or that a running one uses."""
    mark = folder / MARK
    if _is_somebody_elses(folder, mark):
        raise UserError(
            f"{folder} was not made by a demo, so it is not emptied.",
            f"A demo starts afresh each time, and deletes only folders that hold a {MARK}.",
            "Name a new folder: slipway demo --folder NAME",
        )
    folder.mkdir(parents=True, exist_ok=True)
    with mark.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"Another demo runs in {folder}.",
                "Its database would be lost.",
                "Stop that one, or name another folder: slipway demo --folder NAME",
            ) from None
        with ServeLock(database):  # a bot may have outlived its demo
            _empty(folder, mark)
        yield


def _is_somebody_elses(folder: Path, mark: Path) -> bool:
    if not folder.exists():
        return False
    return not folder.is_dir() or (not mark.is_file() and any(folder.iterdir()))


def _empty(folder: Path, mark: Path) -> None:
    for each in folder.iterdir():
        if each == mark:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
