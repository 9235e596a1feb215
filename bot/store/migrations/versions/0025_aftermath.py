"""What follows a rollback: which one took a deployment away again."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("undone_by", sa.BigInteger(), nullable=True))
