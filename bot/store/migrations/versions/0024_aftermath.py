"""What follows a rollback: which one took a deployment away again, and whose fix its hold spares."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("undone_by", sa.BigInteger(), nullable=True))
    op.add_column("locks", sa.Column("spares", sa.Text(), nullable=True))
