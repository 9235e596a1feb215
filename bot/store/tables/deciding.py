"""What people said of requests."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Table

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

votes = Table(
    "votes",
    metadata,
    workspace(),
    words("deployment_id", key=True),
    words("person", key=True),  # one vote for each person and request
    words("name"),
    words("kind"),
    words("digest"),
    Column("at", UtcDateTime, nullable=False),
    words("reason", default=""),
    ForeignKeyConstraint(["workspace_id", "deployment_id"], ["deployments.workspace_id", "deployments.id"]),
)
