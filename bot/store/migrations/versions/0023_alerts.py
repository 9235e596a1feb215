"""Alerts that were pinned to deployments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployments", sa.Column("alerts", json_value, nullable=True))
