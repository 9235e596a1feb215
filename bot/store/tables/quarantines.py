"""Releases that may not go somewhere, and those that contain the fix."""

from __future__ import annotations

from sqlalchemy import Column, Table

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

quarantines = Table(
    "quarantines",
    metadata,
    workspace(),
    words("service", key=True),
    words("environment", key=True),  # empty: all of them; a part of the key can't be absent
    words("sha", key=True),
    words("id"),
    words("ref"),
    words("by_kind"),
    words("by_id"),
    words("by_name"),
    words("reason"),
    Column("since", UtcDateTime, nullable=False),
)

quarantine_fixes = Table(
    "quarantine_fixes",
    metadata,
    workspace(),
    words("quarantine_id", key=True),
    words("sha", key=True),
    words("ref"),
    words("by_kind"),
    words("by_id"),
    words("by_name"),
    words("reason"),
    Column("at", UtcDateTime, nullable=False),
)
