"""What channels want to hear, and how much each was told in a minute."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, UniqueConstraint

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

subscriptions = Table(
    "subscriptions",
    metadata,
    workspace(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    words("channel"),
    words("name"),  # as people call the channel; empty where nobody knows
    words("said"),  # in words: the same for all that mean the same
    Column("filter", json_type(), nullable=False),
    words("maker_kind"),
    words("maker_id"),
    words("maker_name"),
    Column("since", UtcDateTime, nullable=False),
    words("off_why"),  # empty: it is on
    UniqueConstraint("workspace_id", "channel", "said"),
)

channel_minutes = Table(
    "channel_minutes",
    metadata,
    workspace(),
    words("channel", key=True),
    Column("minute", UtcDateTime, primary_key=True),
    Column("posted", Integer, nullable=False),
)
