"""When those who can decide on a deployment were asked once more."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
