"""What people hold, and who waits for it."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

locks = Table(
    "locks",
    metadata,
    workspace(),
    words("service", key=True),  # empty: all of them; a part of the key can't be absent
    words("environment", key=True),
    words("id"),
    words("owner_kind"),
    words("owner_id"),
    words("owner_name"),
    words("reason"),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("spares", Text),  # of a hold: the release whose fix does not wait for it
)

lock_waiters = Table(
    "lock_waiters",
    metadata,
    workspace(),
    words("service", key=True),  # empty: all of them
    words("environment", key=True),
    words("person", key=True),
    words("name"),
    Column("since", UtcDateTime, nullable=False),
)
