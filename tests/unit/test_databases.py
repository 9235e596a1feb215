"""The databases that the other tests stand on."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.engine import Connection

from tests.databases import PREFIX, Backend, Databases

HOLD_A_SERVER = """
import sys
from pathlib import Path
from tests.databases import Backend, Databases
databases = Databases.open()
with databases.empty(Backend.POSTGRESQL, Path()) as url:
    print(databases.root, url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def test_an_empty_database_takes_a_table(empty_database_url: str) -> None:
    with connected(empty_database_url) as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE boats (name TEXT)"))
        connection.commit()
    with connected(empty_database_url) as connection:
        assert inspect(connection).get_table_names() == ["boats"]


def test_a_migrated_database_has_the_schema_of_today_and_no_deployments(database_url: str) -> None:
    with connected(database_url) as connection:
        assert "deployments" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT count(*) FROM deployments")).scalar_one() == 0


def test_a_database_is_used_again_empty_unless_it_was_altered(databases: Databases, tmp_path: Path) -> None:
    lend = Databases(databases.root)  # with no spare ones yet
    with lend.migrated(Backend.POSTGRESQL, tmp_path) as first, connected(first) as connection:
        columns = [each["name"] for each in inspect(connection).get_columns("counters")]
        assert columns == ["workspace_id", "name", "value"]
        connection.execute(text("INSERT INTO counters VALUES ('T1', 'deployment', 7)"))
        connection.commit()
    with lend.migrated(Backend.POSTGRESQL, tmp_path) as second, connected(second) as connection:
        assert second == first
        assert connection.execute(text("SELECT count(*) FROM counters")).scalar_one() == 0
        connection.execute(text("ALTER TABLE counters ADD COLUMN more TEXT"))
        connection.commit()
    with lend.migrated(Backend.POSTGRESQL, tmp_path) as third:
        assert third != second


def test_a_database_has_no_guests_from_the_test_before(databases: Databases, tmp_path: Path) -> None:
    lend = Databases(databases.root)
    with lend.migrated(Backend.POSTGRESQL, tmp_path) as url:
        guest = psycopg.connect(url)
        guest.execute("INSERT INTO counters VALUES ('T1', 'deployment', 7)")
    with lend.migrated(Backend.POSTGRESQL, tmp_path) as again:
        assert again == url
        with pytest.raises(psycopg.OperationalError):
            guest.commit()
    guest.close()


def test_both_kinds_speak_the_dialect_they_are_named_after(empty_database_url: str) -> None:
    with connected(empty_database_url) as connection:
        assert connection.dialect.name == empty_database_url.partition(":")[0]


@pytest.mark.parametrize("backend", Backend)
def test_each_test_gets_a_database_of_its_own(databases: Databases, backend: Backend, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with databases.empty(backend, folders[0]) as one, databases.empty(backend, folders[1]) as two:
        with connected(one) as connection:
            connection.execute(text("CREATE TABLE boats (name TEXT)"))
            connection.commit()
        with connected(two) as connection:
            assert inspect(connection).get_table_names() == []


def test_a_dropped_database_is_gone_even_while_somebody_is_connected(
    databases: Databases, tmp_path: Path
) -> None:
    with databases.empty(Backend.POSTGRESQL, tmp_path) as url:
        engine = create_engine(make_url(url))
        held = engine.connect()
        name = held.execute(text("SELECT current_database()")).scalar_one()
    held.invalidate()
    engine.dispose()
    with databases.empty(Backend.POSTGRESQL, tmp_path) as url, connected(url) as connection:
        assert name not in connection.execute(text("SELECT datname FROM pg_database")).scalars().all()


def test_a_killed_session_is_swept_up_by_the_next() -> None:
    session = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with session:
        assert session.stdout is not None
        root, url = session.stdout.readline().split()
        connection = psycopg.connect(url)
        session.send_signal(signal.SIGKILL)
    Databases.open().close()
    assert not Path(root).exists()
    with closing(connection), pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_a_living_session_is_left_alone(databases: Databases) -> None:
    assert databases.root.parent == Path(tempfile.gettempdir())
    assert databases.root.name.startswith(PREFIX)
    Databases.open().close()
    with (databases.root / "owner").open("a") as owner, pytest.raises(BlockingIOError):
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
