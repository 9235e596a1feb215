"""Deployments and what belongs to one: its changes, runs, transitions and slot."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from bot.store.tables.base import metadata, words, workspace
from bot.store.types import UtcDateTime, json_type

counters = Table(
    "counters",
    metadata,
    workspace(),
    words("name", key=True),
    Column("value", BigInteger, nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    workspace(),
    words("id", key=True),
    Column("number", BigInteger, nullable=False),
    words("key"),
    words("state"),
    words("kind"),
    words("service"),
    words("environment"),
    Column("ref", Text),  # as the person named it
    Column("inputs", json_type(), nullable=False),
    words("reason"),
    Column("emergency", Boolean, nullable=False, server_default=false()),
    Column("planned", Boolean, nullable=False, server_default=true()),
    Column("due_at", UtcDateTime),
    Column("due_zone", Text),
    Column("restores", json_type()),  # the backup that goes with it
    words("origin"),
    words("action"),
    Column("undoes_id", Text),
    words("requested_by_kind"),
    words("requested_by_id"),
    words("requested_by_name"),
    words("place_channel"),
    Column("place_thread", Text),
    words("channel"),
    Column("resolution", json_type()),
    Column("release_sha", Text),
    Column("base_release_sha", Text),
    Column("repository", Text),  # of the request, for hints that name only a repository
    Column("request", Text),  # canonical JSON; never edited
    Column("digest", Text),
    Column("policy", Text),  # canonical JSON of the policy it was made under
    words("attempt"),
    Column("attempted_at", UtcDateTime),
    Column("run_id", Text),
    Column("cancelled_by", json_type()),
    words("note", default=""),
    words("next_step", default=""),
    Column("verdicts", json_type()),
    Column("overrides", json_type()),
    Column("ticks", json_type()),
    Column("verifications", json_type()),
    Column("review", json_type()),
    Column("review_due", UtcDateTime),  # while the review of an emergency is open
    Column("reminded_at", UtcDateTime),
    Column("gate_run", json_type()),  # what waits at the provider, where that began it
    Column("gate_answer", json_type()),
    Column("alerts", json_type()),
    Column("barks", json_type()),
    Column("landed_at", UtcDateTime),  # of what runs there although nobody let it in here
    Column("undone_by", BigInteger),  # the number of the rollback that took it away again
    Column("reported", json_type()),  # what its run said of itself
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("workspace_id", "number"),
    UniqueConstraint("workspace_id", "key"),
    ForeignKeyConstraint(["workspace_id", "undoes_id"], ["deployments.workspace_id", "deployments.id"]),
    ForeignKeyConstraint(["workspace_id", "run_id"], ["runs.workspace_id", "runs.id"]),
    Index(None, "workspace_id", "service", "environment", "number"),
    Index("ix_deployments_line", "workspace_id", "service", "environment", "state"),
    Index("ix_deployments_service", "workspace_id", "service", "number"),
    Index(None, "workspace_id", "state"),
    Index("ix_deployments_review", "workspace_id", "review_due"),
    Index("ix_deployments_ended", "workspace_id", "ended_at"),
    Index("ix_deployments_release", "workspace_id", "service", "release_sha"),
)

deployment_changes = Table(
    "deployment_changes",
    metadata,
    workspace(),
    words("deployment_id", key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    words("sha"),
    words("title"),
    words("author"),
    Column("co_authors", json_type(), nullable=False),
    Column("authored_at", UtcDateTime, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    Column("is_merge", Boolean, nullable=False),
    Column("pr", Integer),
    words("url"),
    Column("unknown_authors", json_type()),
    Column("author_id", Text),  # of the account at the code host
    Column("co_author_ids", json_type()),
    Column("committer", Text),  # absent where nobody knows; empty where it was no person
    Column("committer_id", Text),
    Column("mergers", json_type()),  # absent where nobody asked
    Column("merger_ids", json_type()),
    Column("paths", json_type()),  # where the code host says them for each commit
    ForeignKeyConstraint(["workspace_id", "deployment_id"], ["deployments.workspace_id", "deployments.id"]),
)

runs = Table(
    "runs",
    metadata,
    workspace(),
    words("id", key=True),
    words("provider"),
    words("repository"),
    Column("repository_id", BigInteger),
    words("external_id"),
    Column("attempt", Integer, nullable=False),
    Column("deployment_id", Text),  # absent for a run that nobody asked us for
    words("status"),
    words("raw_status"),
    words("head_sha"),
    words("url"),
    words("title"),
    Column("stages", json_type(), nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime),  # by the provider's word
    Column("workflow", Text),  # this and what follows is known once it was followed
    Column("path", Text),
    Column("branch", Text),
    Column("event", Text),
    Column("actor", Text),
    Column("number", BigInteger),
    Column("commit_title", Text),
    words("actor_id", default=""),
    words("commit_url", default=""),
    Column("ours", Boolean, nullable=False, server_default=false()),  # our own account started it
    Column("artifacts", json_type()),  # absent until it has ended
    Column("told", json_type()),  # what changed, and when we learned of it
    Column("missing_since", UtcDateTime),
    Column("vanished_at", UtcDateTime),
    UniqueConstraint(
        "workspace_id", "provider", "repository", "external_id", "attempt", name="uq_runs_identity"
    ),
    Index(None, "workspace_id", "deployment_id"),
    Index("ix_runs_line", "workspace_id", "repository", "path", "branch", "number"),
)

marks = Table(
    "marks",
    metadata,
    workspace(),
    words("name", key=True),  # of what is looked through
    Column("since", UtcDateTime, nullable=False),
    Column("looked_at", UtcDateTime, nullable=False),
    words("etag", default=""),
)

transitions = Table(
    "transitions",
    metadata,
    workspace(),
    words("deployment_id", key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    words("source"),
    words("trigger"),
    words("target"),
    words("actor_kind"),
    words("actor_id"),
    words("actor_name"),
    Column("at", UtcDateTime, nullable=False),
    words("why"),
    ForeignKeyConstraint(["workspace_id", "deployment_id"], ["deployments.workspace_id", "deployments.id"]),
)

slots = Table(
    "slots",
    metadata,
    workspace(),
    words("service", key=True),
    words("environment", key=True),
    words("deployment_id"),
    Column("taken_at", UtcDateTime, nullable=False),
    UniqueConstraint("workspace_id", "deployment_id"),
    ForeignKeyConstraint(["workspace_id", "deployment_id"], ["deployments.workspace_id", "deployments.id"]),
)
