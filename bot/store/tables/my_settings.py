"""What each person chose for themselves. Whoever chose nothing has no row."""

from __future__ import annotations

from sqlalchemy import Column, Table

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

my_settings = Table(
    "my_settings",
    metadata,
    workspace(),
    words("person", key=True),
    words("mentions"),
    words("ends"),
    words("quiet_from"),  # by their own clock; empty, as its end: they have no quiet hours
    words("quiet_until"),
    Column("since", UtcDateTime, nullable=False),
)
