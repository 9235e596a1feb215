"""Runs that nobody asked us for: what they are of, and how far the listings were looked through."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    moment, json_value = sa.DateTime(timezone=True), sa.JSON().with_variant(JSONB(), "postgresql")
    for name in ("changed_at", "missing_since", "vanished_at"):
        op.add_column("runs", sa.Column(name, moment, nullable=True))
    for name in ("workflow", "path", "branch", "event", "actor", "commit_title"):
        op.add_column("runs", sa.Column(name, sa.Text(), nullable=True))
    for name in ("artifacts", "told"):
        op.add_column("runs", sa.Column(name, json_value, nullable=True))
    op.add_column("runs", sa.Column("number", sa.BigInteger(), nullable=True))
    op.create_index("ix_runs_line", "runs", ["workspace_id", "repository", "path", "branch", "number"])
    op.create_table(
        "marks",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("looked_at", moment, nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_marks")),
    )
