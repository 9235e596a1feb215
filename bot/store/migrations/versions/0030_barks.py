"""What took suspiciously long, and was told to somebody."""

import sqlalchemy as sa
from alembic import op

from bot.store.types import json_type

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("barks", json_type(), nullable=True))
