"""The tables. Their migrations are in `bot/store/migrations`; a test holds the two against each other."""

from bot.store.tables.base import metadata
from bot.store.tables.courses import courses
from bot.store.tables.deciding import votes
from bot.store.tables.deployments import (
    counters,
    deployment_changes,
    deployments,
    marks,
    runs,
    slots,
    transitions,
)
from bot.store.tables.digests import digest_snoozes, digests
from bot.store.tables.freezing import frozen_places
from bot.store.tables.history import (
    audit,
    audit_head,
    audit_keys,
    events,
    failures,
    observations,
    schedule_slots,
    workspaces,
)
from bot.store.tables.linking import link_attempts, links
from bot.store.tables.locks import lock_waiters, locks
from bot.store.tables.my_settings import my_settings
from bot.store.tables.publishing import published_releases
from bot.store.tables.quarantines import quarantine_fixes, quarantines
from bot.store.tables.queues import cards, inbox, leases, outbox, work
from bot.store.tables.subscribing import channel_minutes, subscriptions

__all__ = [
    "audit",
    "audit_head",
    "audit_keys",
    "cards",
    "channel_minutes",
    "counters",
    "courses",
    "deployment_changes",
    "deployments",
    "digest_snoozes",
    "digests",
    "events",
    "failures",
    "frozen_places",
    "inbox",
    "leases",
    "link_attempts",
    "links",
    "lock_waiters",
    "locks",
    "marks",
    "metadata",
    "my_settings",
    "observations",
    "outbox",
    "published_releases",
    "quarantine_fixes",
    "quarantines",
    "runs",
    "schedule_slots",
    "slots",
    "subscriptions",
    "transitions",
    "votes",
    "work",
    "workspaces",
]
