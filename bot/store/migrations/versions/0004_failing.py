"""Since when an effect fails: it is given up by its age, not by the number of tries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
