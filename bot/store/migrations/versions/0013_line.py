"""The line of a place, found by state: what has ended there is never read through."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_index("ix_deployments_line", "deployments", ["workspace_id", "service", "environment", "state"])
