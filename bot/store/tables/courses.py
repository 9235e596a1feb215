"""How the verifications on a schedule go: a row for each, while the catalog has it."""

from __future__ import annotations

from sqlalchemy import Column, Table

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

courses = Table(
    "courses",
    metadata,
    workspace(),
    words("service", key=True),
    words("environment", key=True),
    words("id", key=True),  # of the rule
    Column("body", json_type(), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
