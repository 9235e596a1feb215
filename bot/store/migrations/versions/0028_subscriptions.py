"""What channels want to hear: their subscriptions, copies of cards that follow them, and their budget."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"

JSON_VALUE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("filter", JSON_VALUE, nullable=False),
        sa.Column("maker_kind", sa.Text(), nullable=False),
        sa.Column("maker_id", sa.Text(), nullable=False),
        sa.Column("maker_name", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("off_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "workspace_id", "channel", "said", name=op.f("uq_subscriptions_workspace_id_channel_said")
        ),
    )
    op.create_table(
        "channel_minutes",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel", "minute", name=op.f("pk_channel_minutes")),
    )
    op.add_column("outbox", sa.Column("follows", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("channel", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("summary", sa.Text(), nullable=True))
    op.create_index("ix_outbox_workspace_id_follows", "outbox", ["workspace_id", "follows"])
    op.create_index("ix_outbox_workspace_id_summary", "outbox", ["workspace_id", "summary"])
