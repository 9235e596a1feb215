"""The places whose freeze was told: a row for each until its end is."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

frozen_places = Table(
    "frozen_places",
    metadata,
    workspace(),
    words("service", key=True),
    words("environment", key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("certain", Boolean, nullable=False),
    Column("doubted", UtcDateTime),
)
