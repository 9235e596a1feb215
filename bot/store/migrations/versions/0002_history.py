"""What happened, and the audit chain with the triggers that keep it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
JSON_VALUE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspaces")),
    )
    op.create_table(
        "events",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("body", JSON_VALUE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_workspace_id_at"), "events", ["workspace_id", "at"], unique=False)
    op.create_index(
        op.f("ix_events_workspace_id_deployment_id"),
        "events",
        ["workspace_id", "deployment_id"],
        unique=False,
    )
    op.create_table(
        "audit",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("workspace_id", "hash", name=op.f("uq_audit_workspace_id_hash")),
        sa.UniqueConstraint("workspace_id", "prev", name=op.f("uq_audit_workspace_id_prev")),
    )
    op.create_table(
        "audit_head",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "failures",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_failures")),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name=op.f("uq_failures_workspace_id_source_external_id")
        ),
    )
    op.create_index(
        op.f("ix_failures_workspace_id_service_environment_started_at"),
        "failures",
        ["workspace_id", "service", "environment", "started_at"],
        unique=False,
    )
    op.create_table(
        "observations",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", JSON_VALUE, nullable=False),
        sa.Column("observed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_observations")),
    )
    op.create_index(
        op.f("ix_observations_workspace_id_subject_observed_at"),
        "observations",
        ["workspace_id", "subject", "observed_at"],
        unique=False,
    )
    op.create_table(
        "schedule_slots",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "job", "slot", name=op.f("pk_schedule_slots")),
    )
    keep_audit()


def keep_audit() -> None:
    """Nobody who reaches the database by way of SQL statements changes the chain unnoticed."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_TRIGGERS:
            op.execute(statement)
    else:
        for statement in POSTGRESQL_TRIGGERS:
            op.execute(statement)


# SQLite's INSERT OR REPLACE deletes rows without asking the trigger for deletion, hence the one before insertion.
SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit"
    " WHERE workspace_id = NEW.workspace_id AND (seq = NEW.seq OR prev = NEW.prev OR hash = NEW.hash))"
    " BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END",
    "CREATE TRIGGER audit_head_steps BEFORE UPDATE ON audit_head"
    " WHEN NEW.seq <= OLD.seq OR NEW.workspace_id <> OLD.workspace_id"
    " BEGIN SELECT RAISE(ABORT, 'the audit head only steps forward'); END",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head"
    " BEGIN SELECT RAISE(ABORT, 'the audit head only steps forward'); END",
    "CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head"
    " WHEN EXISTS (SELECT 1 FROM audit_head WHERE workspace_id = NEW.workspace_id)"
    " BEGIN SELECT RAISE(ABORT, 'the audit head only steps forward'); END",
)

POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit chain is never changed'; END $$",
    "CREATE FUNCTION audit_head_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.seq <= OLD.seq OR NEW.workspace_id <> OLD.workspace_id THEN"
    " RAISE EXCEPTION 'the audit head only steps forward'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_steps BEFORE UPDATE ON audit_head"
    " FOR EACH ROW EXECUTE FUNCTION audit_head_step()",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head"
    " FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)
