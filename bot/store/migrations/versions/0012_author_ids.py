"""The numbers of the accounts that wrote a change: a login can be renamed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    json_value = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("deployment_changes", sa.Column("author_id", sa.Text(), nullable=True))
    op.add_column("deployment_changes", sa.Column("co_author_ids", json_value, nullable=True))
