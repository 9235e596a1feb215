"""Migrations, and what is said of a database that does not fit, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from bot.core.errors import UserError
from bot.store.engine import database_url as parse
from bot.store.engine import plain_engine, sqlite_file
from bot.store.migrate import upgrade
from bot.store.schema import SchemaState, check, revisions
from bot.store.store import Store
from bot.store.tables import metadata
from tests.contract.store_support import HandClock, add, open_store


def execute(url: str, statement: str) -> None:
    """Behind the store's back."""
    engine = plain_engine(parse(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_an_empty_database_is_brought_up_step_by_step(empty_database_url: str) -> None:
    assert check(empty_database_url) is SchemaState.NONE
    for revision in revisions()[:-1]:
        upgrade(empty_database_url, revision)
        assert check(empty_database_url) is SchemaState.BEHIND
    upgrade(empty_database_url)
    assert check(empty_database_url) is SchemaState.CURRENT
    upgrade(empty_database_url)
    assert check(empty_database_url) is SchemaState.CURRENT


def test_looking_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert check(f"sqlite:///{file}") is SchemaState.NONE
    assert not file.exists()


def test_migrations_make_exactly_the_tables_that_the_code_uses(database_url: str) -> None:
    engine = plain_engine(parse(database_url))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert check(database_url) is SchemaState.AHEAD
    with pytest.raises(UserError, match="newer version") as refused:
        upgrade(database_url)
    assert refused.value.next
    assert check(database_url) is SchemaState.AHEAD


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    if sqlite_file(parse(empty_database_url)) is None:
        execute(empty_database_url, "CREATE TABLE outbox (x int)")
    else:
        execute(empty_database_url, "CREATE TABLE outbox (x integer)")
    with pytest.raises(Exception, match="outbox"):
        upgrade(empty_database_url)
    assert check(empty_database_url) is SchemaState.NONE
    execute(empty_database_url, "DROP TABLE outbox")
    upgrade(empty_database_url)
    assert check(empty_database_url) is SchemaState.CURRENT


async def test_two_that_start_together_do_not_migrate_twice(empty_database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, empty_database_url) for _ in range(3)))
    assert check(empty_database_url) is SchemaState.CURRENT


async def test_the_store_says_it_too(database_url: str, clock: HandClock) -> None:
    async with open_store(database_url, clock) as store:
        assert await store.schema_state() is SchemaState.CURRENT


async def test_sqlite_is_set_up_in_the_only_mode_that_works(store: Store) -> None:
    if not store.database.sqlite:
        return
    for opened in (store.database.write(), store.database.read()):
        async with opened as connection:

            async def pragma(name: str) -> object:
                return (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()

            assert await pragma("journal_mode") == "wal"
            assert await pragma("synchronous") == 2
            assert await pragma("foreign_keys") == 1
            assert await pragma("recursive_triggers") == 1
            assert await pragma("busy_timeout") == 10_000


async def test_foreign_keys_hold_within_a_workspace(store: Store) -> None:
    asked = await add(store)
    stolen = (
        "INSERT INTO slots (workspace_id, service, environment, deployment_id, taken_at)"
        f" VALUES ('T2', 'api', 'staging', '{asked.id}', '2026-01-01 00:00:00')"
    )
    with pytest.raises(Exception, match="refused"):
        async with store.database.write() as connection:
            await connection.execute(text(stolen))
