"""Releases that run somewhere although nobody let them in here."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("landed_at", sa.DateTime(timezone=True), nullable=True))
