"""Times go in and come out with their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, select

from bot.store.engine import database_url as parse
from bot.store.engine import plain_engine
from bot.store.types import UtcDateTime

KATHMANDU = timezone(timedelta(hours=5, minutes=45))
MOMENTS = [
    datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
    datetime(2026, 3, 1, 0, 10, tzinfo=KATHMANDU),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    None,
]


def test_a_moment_comes_back_as_the_same_moment_in_utc(empty_database_url: str) -> None:
    times = Table("times", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))
    engine = plain_engine(parse(empty_database_url))
    with engine.begin() as connection:
        times.create(connection)
        connection.execute(times.insert(), [{"id": n, "at": at} for n, at in enumerate(MOMENTS)])
        found = list(connection.execute(select(times.c.at).order_by(times.c.id)).scalars())
        early = connection.execute(select(times.c.id).where(times.c.at < MOMENTS[0]).order_by(times.c.at))
        assert list(early.scalars()) == [2, 1]
    engine.dispose()
    assert found == MOMENTS
    assert all(at.tzinfo is UTC for at in found if at is not None)


def test_a_time_without_a_zone_is_refused() -> None:
    column = UtcDateTime()
    dialect = plain_engine(parse("sqlite:///nowhere.db")).dialect
    with pytest.raises(ValueError, match="without a zone"):
        column.process_bind_param(datetime(2026, 3, 1), dialect)  # noqa: DTZ001 - the point of the test
