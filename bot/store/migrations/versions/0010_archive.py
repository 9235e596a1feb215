"""By what the records of the audit trail and the history of a service are found."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
PAGE = 1000
INDEXES = {
    "ix_audit_keys_number": ["workspace_id", "number", "seq"],
    "ix_audit_keys_actor": ["workspace_id", "actor_id", "seq"],
    "ix_audit_keys_event": ["workspace_id", "event", "seq"],
    "ix_audit_keys_place": ["workspace_id", "service", "environment", "seq"],
}


def upgrade() -> None:
    keys = op.create_table(
        "audit_keys",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("environment", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "seq", name=op.f("pk_audit_keys")),
    )
    for page in records(op.get_bind()):
        op.bulk_insert(keys, page)
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_keys", columns)
    op.create_index("ix_deployments_service", "deployments", ["workspace_id", "service", "number"])

    if op.get_bind().dialect.name == "sqlite":
        refuse_replacing()


def refuse_replacing() -> None:
    """As before, but each key is looked up by its own index: with OR between them SQLite reads the chain."""
    op.execute("DROP TRIGGER audit_no_replace")
    op.execute(
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN"
        " EXISTS (SELECT 1 FROM audit WHERE workspace_id = NEW.workspace_id AND seq = NEW.seq)"
        " OR EXISTS (SELECT 1 FROM audit WHERE workspace_id = NEW.workspace_id AND prev = NEW.prev)"
        " OR EXISTS (SELECT 1 FROM audit WHERE workspace_id = NEW.workspace_id AND hash = NEW.hash)"
        " BEGIN SELECT RAISE(ABORT, 'the audit chain is never changed'); END"
    )


def records(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """The keys of what is on record already, a page at a time."""
    places = {
        (row.workspace_id, row.id): (row.service, row.environment)
        for row in connection.execute(sa.text("SELECT workspace_id, id, service, environment FROM deployments"))
    }
    query = sa.text(
        "SELECT workspace_id, seq, body FROM audit"
        " WHERE workspace_id > :workspace OR (workspace_id = :workspace AND seq > :seq)"
        " ORDER BY workspace_id, seq LIMIT :page"
    )
    last = {"workspace": "", "seq": 0}
    while rows := connection.execute(query, last | {"page": PAGE}).all():
        yield [key for row in rows if (key := key_of(row, places)) is not None]
        last = {"workspace": rows[-1].workspace_id, "seq": rows[-1].seq}


def key_of(row: Any, places: dict[tuple[str, str], tuple[str, str]]) -> dict[str, Any] | None:
    """Nothing for a record that is broken; verifying the chain tells of it."""
    try:
        plain = json.loads(bytes(row.body))
        facts, at = plain["facts"], datetime.fromisoformat(plain["at"]).astimezone(UTC)
        event, actor = str(plain["event"]), str(plain["actor"]["id"])
    except (ValueError, KeyError, TypeError):
        return None
    named = (str(facts.get("service", "")), str(facts.get("environment", "")))
    service, environment = places.get((row.workspace_id, facts.get("deployment", "")), named)
    number = facts.get("number")
    return {
        "workspace_id": row.workspace_id,
        "seq": row.seq,
        "at": at if op.get_bind().dialect.name != "sqlite" else at.replace(tzinfo=None),
        "event": event,
        "actor_id": actor,
        "number": number if isinstance(number, int) else None,
        "service": service,
        "environment": environment,
    }
