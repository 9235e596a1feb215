"""Runs that wait at a gate of the provider, and what the gate was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployments", sa.Column("gate_run", json_value, nullable=True))
    op.add_column("deployments", sa.Column("gate_answer", json_value, nullable=True))
