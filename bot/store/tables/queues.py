"""What waits for a worker (keys, receipts, effects), each under a lease; and where the cards stand."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.store.tables.base import attempts, lease_columns, metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

# Wish and lease are two rows, because they are locked at different times: a lease before anything else, a
# wish after the deployment. In one row, a cancel that wakes a worker and that worker's pass would deadlock.
work = Table(
    "work",
    metadata,
    workspace(),
    words("key", key=True),
    Column("due_at", UtcDateTime),  # absent: nobody wants a look
    Index(None, "due_at"),
)

leases = Table(
    "leases",
    metadata,
    workspace(),
    words("key", key=True),
    *lease_columns(),
    Index(None, "until"),
)

_HANDLED = text("handled_at IS NOT NULL")
_WAITING = text("handled_at IS NULL AND dead_at IS NULL")

inbox = Table(
    "inbox",
    metadata,
    workspace(),
    words("id", key=True),
    words("source"),
    words("lane"),
    words("kind"),
    words("delivery_key"),
    Column("signature", Text),  # absent where equal bodies have equal signatures
    Column("headers", json_type(), nullable=False),
    Column("body", LargeBinary),  # the exact bytes, until they are deleted some days after
    Column("sealed", Boolean, nullable=False, server_default=false()),  # the body is encrypted
    Column("received_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    attempts(),
    *lease_columns(),
    Column("handled_at", UtcDateTime),
    Column("dead_at", UtcDateTime),
    words("why", default=""),
    UniqueConstraint("workspace_id", "source", "delivery_key"),
    UniqueConstraint("workspace_id", "source", "signature"),
    Index("ix_inbox_waiting", "lane", "received_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index("ix_inbox_handled", "handled_at", sqlite_where=_HANDLED, postgresql_where=_HANDLED),
)

_CARD = text("kind = 'show_card'")
_PENDING = text("shown < wanted AND dead_at IS NULL")

outbox = Table(
    "outbox",
    metadata,
    workspace(),
    words("id", key=True),
    words("kind"),
    Column("card", Text),  # the card's key: a deployment, and of a copy the channel too
    Column("position", Integer, nullable=False),  # the order of the announcements of one card
    Column("follows", Text),  # of a copy: the card that it follows
    Column("channel", Text),  # of what a channel subscribed to: which one, as its budget knows it
    Column("summary", Text),  # what was too much for a channel: the message that says it in short
    Column("effect", json_type(), nullable=False),
    Column("wanted", Integer, nullable=False),  # counts the states that were to be shown ...
    Column("shown", Integer, nullable=False),  # ... and the last one that was
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # not before
    Column("urgent", Boolean, nullable=False, server_default=false()),  # wanted without the usual pace
    Column("posting_since", UtcDateTime),  # the first call that may have happened
    Column("failing_since", UtcDateTime),  # since when each try of the newest state has failed
    attempts(),
    *lease_columns(),
    Column("delivered_at", UtcDateTime),
    Column("dead_at", UtcDateTime),
    words("why", default=""),
    Index("uq_outbox_card", "workspace_id", "card", unique=True, sqlite_where=_CARD, postgresql_where=_CARD),
    Index("ix_outbox_pending", "due_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
    Index(None, "workspace_id", "card", "position"),
    Index(None, "workspace_id", "follows"),
    Index(None, "workspace_id", "summary"),
)

cards = Table(
    "cards",
    metadata,
    workspace(),
    words("card", key=True),
    Column("channel", Text),  # absent until it has been posted
    Column("ts", Text),
    Column("announced", Integer, nullable=False, server_default="0"),
    Index("ix_cards_place", "workspace_id", "channel", "ts"),
)
