"""What people let pass although a rule holds, and when a deployment is to start."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployments", sa.Column("overrides", json_value, nullable=True))
    op.add_column("deployments", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deployments", sa.Column("due_zone", sa.Text(), nullable=True))
