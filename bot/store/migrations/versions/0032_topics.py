"""What channels were told of freezes and of releases."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "frozen_places",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("doubted", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "service", "environment", name=op.f("pk_frozen_places")),
    )
    op.create_table(
        "published_releases",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prerelease", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "provider", "repository", "external_id", name=op.f("pk_published_releases")
        ),
        sa.UniqueConstraint(
            "workspace_id",
            "provider",
            "repository",
            "tag",
            name=op.f("uq_published_releases_workspace_id_provider_repository_tag"),
        ),
    )
