"""Work, receipts and effects that wait, and the cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_due_at"), "work", ["due_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_until"), "leases", ["until"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delivery_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=True),
        sa.Column("headers", JSON_VALUE, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("dead_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "workspace_id", "source", "delivery_key", name=op.f("uq_inbox_workspace_id_source_delivery_key")
        ),
        sa.UniqueConstraint(
            "workspace_id", "source", "signature", name=op.f("uq_inbox_workspace_id_source_signature")
        ),
    )
    op.create_index("ix_inbox_handled", "inbox", ["handled_at"], unique=False)
    op.create_index(
        "ix_inbox_waiting",
        "inbox",
        ["lane", "received_at"],
        unique=False,
        sqlite_where=sa.text("handled_at IS NULL AND dead_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("effect", JSON_VALUE, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("posting_since", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("dead_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("shown < wanted AND dead_at IS NULL"),
        postgresql_where=sa.text("shown < wanted AND dead_at IS NULL"),
    )
    op.create_index(
        op.f("ix_outbox_workspace_id_card_position"),
        "outbox",
        ["workspace_id", "card", "position"],
        unique=False,
    )
    op.create_index(
        "uq_outbox_card",
        "outbox",
        ["workspace_id", "card"],
        unique=True,
        sqlite_where=sa.text("kind = 'show_card'"),
        postgresql_where=sa.text("kind = 'show_card'"),
    )
    op.create_table(
        "cards",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("announced", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "card", name=op.f("pk_cards")),
    )
