"""Votes, and what the gates said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("deployments", sa.Column("verdicts", JSON_VALUE, nullable=True))
    op.add_column("deployment_changes", sa.Column("unknown_authors", JSON_VALUE, nullable=True))
    op.create_table(
        "votes",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "deployment_id"],
            ["deployments.workspace_id", "deployments.id"],
            name=op.f("fk_votes_workspace_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "deployment_id", "person", name=op.f("pk_votes")),
    )
