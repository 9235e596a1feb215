"""Which person of the chat is which user of the code host, and the attempts to prove it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime

links = Table(
    "links",
    metadata,
    workspace(),
    words("person", key=True),  # nobody has two accounts
    words("provider"),
    words("user_id"),
    words("login"),
    Column("linked_at", UtcDateTime, nullable=False),
    words("confirmed_by", default=""),
    UniqueConstraint("workspace_id", "provider", "user_id"),  # and no account two people
)

link_attempts = Table(
    "link_attempts",
    metadata,
    workspace(),
    words("id", key=True),
    words("person"),
    words("person_name"),
    words("secret_hash"),
    words("state"),
    words("browser_hash", default=""),
    words("provider", default=""),
    words("user_id", default=""),
    words("login", default=""),
    Column("tries", Integer, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    UniqueConstraint("workspace_id", "secret_hash"),
    Index(None, "workspace_id", "person"),
)
