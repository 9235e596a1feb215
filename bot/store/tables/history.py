"""What happened, kept for good: events, the audit chain, failures, observations, slots of jobs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

workspaces = Table(
    "workspaces",
    metadata,
    workspace(),  # the chat's own id of the team
    words("name"),
    words("bot_user"),
    Column("created_at", UtcDateTime, nullable=False),
)

events = Table(
    "events",
    metadata,
    workspace(),
    words("id", key=True),
    words("kind"),
    Column("deployment_id", Text),
    words("actor_kind"),
    words("actor_id"),
    words("actor_name"),
    Column("body", json_type(), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "workspace_id", "deployment_id"),
    Index(None, "workspace_id", "at"),
)

audit = Table(
    "audit",
    metadata,
    workspace(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # the exact bytes that were hashed
    Column("prev", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("workspace_id", "prev"),
    UniqueConstraint("workspace_id", "hash"),
)

# By what a record is found. What is shown is the record itself; verifying holds the two together.
audit_keys = Table(
    "audit_keys",
    metadata,
    workspace(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    words("event"),
    words("actor_id"),
    Column("number", BigInteger),  # the deployment that it is about
    words("service", default=""),
    words("environment", default=""),
    Index("ix_audit_keys_number", "workspace_id", "number", "seq"),
    Index("ix_audit_keys_actor", "workspace_id", "actor_id", "seq"),
    Index("ix_audit_keys_event", "workspace_id", "event", "seq"),
    Index("ix_audit_keys_place", "workspace_id", "service", "environment", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    workspace(),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    workspace(),
    words("id", key=True),
    words("service"),
    words("environment"),
    Column("deployment_id", Text),
    words("source"),
    words("external_id"),
    words("summary"),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("workspace_id", "source", "external_id"),
    Index(None, "workspace_id", "service", "environment", "started_at"),
)

observations = Table(
    "observations",
    metadata,
    workspace(),
    words("id", key=True),
    words("subject"),
    words("kind"),
    Column("body", json_type(), nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Index(None, "workspace_id", "subject", "observed_at"),
)

schedule_slots = Table(
    "schedule_slots",
    metadata,
    workspace(),
    words("job", key=True),
    words("slot", key=True),
    words("owner"),
    Column("taken_at", UtcDateTime, nullable=False),
)
