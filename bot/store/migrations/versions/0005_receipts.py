"""A receipt costs less: only what was handled goes into that index, and PostgreSQL packs no bodies.

Whoever sent it waits for the commit, and bodies are dropped soon after they were handled.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

HANDLED = sa.text("handled_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_inbox_handled", "inbox")
    op.create_index(
        "ix_inbox_handled", "inbox", ["handled_at"], sqlite_where=HANDLED, postgresql_where=HANDLED
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE inbox ALTER COLUMN body SET STORAGE EXTERNAL")
