"""Which database URLs are taken, and the lock that keeps SQLite to one server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.errors import UserError
from bot.store.engine import database_url, sqlite_file
from bot.store.lockfile import ServeLock


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:///slipway.db", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:////var/slipway.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@host:5432/name", "postgresql+psycopg"),
        ("postgres://u:p@host/name", "postgresql+psycopg"),
        ("postgresql+psycopg2://u@/name?host=/run", "postgresql+psycopg"),
    ],
)
def test_a_url_gets_our_driver(text: str, driver: str) -> None:
    assert database_url(text).drivername == driver


@pytest.mark.parametrize(
    "text", ["", "slipway.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@host/name"]
)
def test_any_other_url_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(UserError, match="cannot be used") as refused:
        database_url(text)
    assert "sqlite:///" in refused.value.next
    assert "secret" not in str(refused.value)


def test_only_sqlite_is_a_file() -> None:
    assert sqlite_file(database_url("sqlite:////var/slipway.db")) == Path("/var/slipway.db")
    assert sqlite_file(database_url("postgresql://host/name")) is None


def test_a_second_server_is_refused_until_the_first_one_ends(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slipway.db"
    with ServeLock(url):
        with pytest.raises(UserError, match="already") as refused, ServeLock(url):
            pytest.fail("two servers on one file")
        assert "process" in refused.value.why
        assert "PostgreSQL" in refused.value.next
    with ServeLock(url):
        assert (tmp_path / "slipway.db.lock").exists()


def test_a_killed_server_leaves_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slipway.db"
    program = (
        "import os, signal, sys; from bot.store.lockfile import ServeLock\n"
        "with ServeLock(sys.argv[1]): print('held', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    died = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=False)
    assert (died.stdout, died.returncode) == ("held\n", -9)
    with ServeLock(url):
        assert (tmp_path / "slipway.db.lock").exists()


def test_postgresql_needs_no_lock() -> None:
    url = "postgresql://host/name"
    with ServeLock(url), ServeLock(url):
        assert sqlite_file(database_url(url)) is None
