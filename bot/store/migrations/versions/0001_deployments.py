"""Deployments and what belongs to one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "runs",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raw_status", sa.Text(), nullable=False),
        sa.Column("head_sha", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("stages", JSON_VALUE, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_runs")),
        sa.UniqueConstraint(
            "workspace_id", "provider", "repository", "external_id", "attempt", name="uq_runs_identity"
        ),
    )
    op.create_index(
        op.f("ix_runs_workspace_id_deployment_id"), "runs", ["workspace_id", "deployment_id"], unique=False
    )
    op.create_table(
        "deployments",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("inputs", JSON_VALUE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("planned", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("undoes_id", sa.Text(), nullable=True),
        sa.Column("requested_by_kind", sa.Text(), nullable=False),
        sa.Column("requested_by_id", sa.Text(), nullable=False),
        sa.Column("requested_by_name", sa.Text(), nullable=False),
        sa.Column("place_channel", sa.Text(), nullable=False),
        sa.Column("place_thread", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("resolution", JSON_VALUE, nullable=True),
        sa.Column("release_sha", sa.Text(), nullable=True),
        sa.Column("base_release_sha", sa.Text(), nullable=True),
        sa.Column("repository", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("attempted_at", MOMENT, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("cancelled_by", JSON_VALUE, nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("next_step", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "run_id"],
            ["runs.workspace_id", "runs.id"],
            name=op.f("fk_deployments_workspace_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "undoes_id"],
            ["deployments.workspace_id", "deployments.id"],
            name=op.f("fk_deployments_workspace_id_undoes_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_deployments")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_deployments_workspace_id_key")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_deployments_workspace_id_number")),
    )
    op.create_index(
        op.f("ix_deployments_workspace_id_service_environment_number"),
        "deployments",
        ["workspace_id", "service", "environment", "number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deployments_workspace_id_state"), "deployments", ["workspace_id", "state"], unique=False
    )
    op.create_table(
        "deployment_changes",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("co_authors", JSON_VALUE, nullable=False),
        sa.Column("authored_at", MOMENT, nullable=False),
        sa.Column("committed_at", MOMENT, nullable=False),
        sa.Column("is_merge", sa.Boolean(), nullable=False),
        sa.Column("pr", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("paths", JSON_VALUE, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "deployment_id"],
            ["deployments.workspace_id", "deployments.id"],
            name=op.f("fk_deployment_changes_workspace_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "deployment_id", "position", name=op.f("pk_deployment_changes")
        ),
    )
    op.create_table(
        "transitions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "deployment_id"],
            ["deployments.workspace_id", "deployments.id"],
            name=op.f("fk_transitions_workspace_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "deployment_id", "seq", name=op.f("pk_transitions")),
    )
    op.create_table(
        "slots",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "deployment_id"],
            ["deployments.workspace_id", "deployments.id"],
            name=op.f("fk_slots_workspace_id_deployment_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "service", "environment", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "workspace_id", "deployment_id", name=op.f("uq_slots_workspace_id_deployment_id")
        ),
    )
