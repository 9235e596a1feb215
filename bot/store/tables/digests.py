"""The digests that people asked for in chat, and those that are put off for a while."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

digests = Table(
    "digests",
    metadata,
    workspace(),
    words("channel", key=True),
    words("every", key=True),
    Column("on_day", Text),
    words("at"),  # local time of the zone
    words("zone"),
    Column("services", json_type(), nullable=False),
    words("by_kind"),
    words("by_id"),
    words("by_name"),
    Column("since", UtcDateTime, nullable=False),
)

digest_snoozes = Table(
    "digest_snoozes",
    metadata,
    workspace(),
    words("job", key=True),
    Column("until", UtcDateTime, nullable=False),
)
