"""Work that is cut off in the middle of a transaction must not stand in the way of any other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from bot.store.database import Database
from bot.store.sqlite import Threaded

ROUNDS = 60
marks = Table("scratches", MetaData(), Column("number", Integer))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with one more table."""
    opened = Database(database_url, owner="one")
    async with opened.write() as connection:
        await connection.run_sync(marks.create)
    yield opened
    await opened.close()


async def mark_twice(database: Database, number: int) -> None:
    """Two rows, or none."""
    async with database.write() as connection:
        await connection.execute(insert(marks).values(number=number))
        await connection.execute(select(func.count()).select_from(marks))
        await connection.execute(insert(marks).values(number=number))


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_is_cut_off_lets_go_of_the_database(database: Database, seed: int) -> None:
    chance = Random(seed)
    for number in range(ROUNDS):
        tasks = [asyncio.create_task(mark_twice(database, number)) for _ in range(5)]
        for task in tasks:
            for _ in range(
                chance.choice((0, 0, 1, 2))
            ):  # a stop may find somebody who is being cut off already
                await asyncio.sleep(chance.random() * 0.001)
                task.cancel()
        # Somebody who waits for a lock that nobody holds any more would take ten seconds.
        done, late = await asyncio.wait(tasks, timeout=8)
        assert not late, f"seed {seed}: in round {number} somebody still waits"
        assert not [error for task in done if not task.cancelled() and (error := task.exception())]
    await mark_twice(database, ROUNDS)
    async with database.read() as connection:
        counts = await connection.execute(select(func.count()).select_from(marks).group_by(marks.c.number))
        assert all(count % 2 == 0 for (count,) in counts), "half a transaction was kept"
    if left := asyncio.all_tasks() - {asyncio.current_task()}:
        _, late = await asyncio.wait(left, timeout=8)
        assert not late, "a closing never ends"


async def test_one_that_cannot_be_opened_has_let_go_of_its_thread(tmp_path: Path) -> None:
    connection = Threaded(str(tmp_path / "nowhere" / "slipway.db"))
    with pytest.raises(sqlite3.OperationalError):
        await connection
    end = connection.stop()
    assert end is not None
    assert end.done(), "it still speaks to the loop"
