"""The releases that code hosts published, so that each is told once."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table, UniqueConstraint

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

published_releases = Table(
    "published_releases",
    metadata,
    workspace(),
    words("provider", key=True),
    words("repository", key=True),
    words("external_id", key=True),
    words("tag"),
    Column("published_at", UtcDateTime, nullable=False),
    Column("prerelease", Boolean, nullable=False),
    UniqueConstraint("workspace_id", "provider", "repository", "tag"),
)
