"""Who committed a change, and who merged it: they may be asked not to approve it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployment_changes", sa.Column("committer", sa.Text(), nullable=True))
    op.add_column("deployment_changes", sa.Column("committer_id", sa.Text(), nullable=True))
    op.add_column("deployment_changes", sa.Column("mergers", json_value, nullable=True))
    op.add_column("deployment_changes", sa.Column("merger_ids", json_value, nullable=True))
