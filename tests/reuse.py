"""PostgreSQL databases that are emptied and used again: to copy one takes ten times as long.

One that was altered, and one that was used often and so is full of dead rows, is not used again.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql

OFTEN = 20
MILLISECONDS_TO_END = 5000

# Whatever a test might alter: tables, columns, triggers, functions, and the note of the migration.
_SHAPE = """
    SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
        SELECT relname || relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT attrelid::regclass::text || attname || atttypid || attnotnull FROM pg_attribute
            WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
        UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger
        UNION ALL SELECT proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT version_num FROM alembic_version
    ) AS parts(part)
"""
_OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


@dataclass
class Lent:
    """A migrated database of this process."""

    name: str
    url: str
    shape: str
    uses: int = 1

    @classmethod
    def new(cls, name: str, url: str) -> Lent:
        """One that was just copied."""
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            return cls(name, url, _shape(connection))

    def empty(self) -> bool:
        """Whether it is as good as new: nobody is connected, nothing is in it, nothing was altered."""
        if self.uses >= OFTEN:
            return False
        self.uses += 1
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(
                f"SELECT pg_terminate_backend(pid, {MILLISECONDS_TO_END}) FROM ({_OTHERS}) AS o"
            )
            if _shape(connection) != self.shape or connection.execute(_OTHERS).fetchone():
                return False
            tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
            with connection.transaction():
                connection.execute(
                    "SET LOCAL session_replication_role = replica"
                )  # no triggers, no references
                for name in tables:
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        return True


def _shape(connection: Connection) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])
