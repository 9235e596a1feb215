"""Cards are found by where they stand: somebody chose a shortcut on one."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_index("ix_cards_place", "cards", ["workspace_id", "channel", "ts"])
