"""What the run of a deployment said of itself, and which backup goes with a rollback."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployments", sa.Column("reported", json_value, nullable=True))
    op.add_column("deployments", sa.Column("restores", json_value, nullable=True))
