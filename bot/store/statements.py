"""For statements that are built once: to build one anew takes longer than to carry it out.

Their conditions name values that are only known later. Columns that are set need no names: SQLAlchemy finds
them among the values that a statement is executed with.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.types import UtcDateTime


class Kind(StrEnum):
    """Which database it is, for the few statements that each has its own words for."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self is Kind.SQLITE else postgresql.insert(table)

    def earlier(self, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[datetime]:
        """The earlier of two moments; NULL counts on neither side."""
        function = func.min if self is Kind.SQLITE else func.least
        return function(func.coalesce(left, right), func.coalesce(right, left), type_=UtcDateTime())


def this(table: Table, *columns: str) -> ColumnElement[bool]:
    """The rows in which these columns have the values that `the` gives."""
    return and_(*(table.c[name] == bindparam(_name(name)) for name in columns))


def these(table: Table, *columns: str) -> ColumnElement[bool]:
    """The same with several values for each column."""
    return and_(*(table.c[name].in_(bindparam(_name(name), expanding=True)) for name in columns))


def pairs(table: Table, first: str, second: str) -> ColumnElement[bool]:
    """The rows with one of the pairs that `the_pairs` gives.

    SQLite looks through the whole table for several pairs, unless each of the columns is named as well.
    """
    one, other = table.c[first], table.c[second]
    both = tuple_(one, other).in_(bindparam(_name("pairs"), expanding=True))
    return and_(
        one.in_(bindparam(_name("firsts"), expanding=True)),
        other.in_(bindparam(_name("seconds"), expanding=True)),
        both,
    )


def the_pairs(found: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The values for `pairs`."""
    both = list(dict.fromkeys(found))
    firsts, seconds = {one for one, _ in both}, {other for _, other in both}
    return the(pairs=both, firsts=sorted(firsts), seconds=sorted(seconds))


def the(**values: Any) -> dict[str, Any]:
    """The values for `this` and `these`; under names of their own, as a column may be set as well."""
    return {_name(name): value for name, value in values.items()}


def _name(column: str) -> str:
    return f"the_{column}"
