"""What a card of a run shows beside its states: the commit's address and whose account started it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    for name in ("actor_id", "commit_url"):
        op.add_column("runs", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("runs", sa.Column("ours", sa.Boolean(), server_default=sa.false(), nullable=False))
