"""What people say of an emergency afterwards, and until when they have time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployments", sa.Column("review", json_value, nullable=True))
    op.add_column("deployments", sa.Column("review_due", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_deployments_review", "deployments", ["workspace_id", "review_due"])
