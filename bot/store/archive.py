"""The port Archive: pages of what was, found by keys, so that a page costs the same after years."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, and_, or_, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.archive import PAGE, Extent, HistoryWish, Page, Past, TrailRecord, TrailWish
from bot.core.effects import Posted
from bot.core.lifecycle import State, Trigger, allowed
from bot.core.values import Actor, ActorKind, DeploymentId, Kind, Sha
from bot.core.votes import VoteKind
from bot.store import mapping
from bot.store.audit import link, raw
from bot.store.database import Database
from bot.store.tables import (
    audit,
    audit_keys,
    cards,
    deployments,
    links,
    lock_waiters,
    locks,
    subscriptions,
    votes,
)

Found = TypeVar("Found", Past, TrailRecord)

_NOT_BEGUN = [state.value for state in State if allowed(state, Trigger.WITHDRAW)]
_LINE = tuple(  # without what can be long: request, policy, verdicts
    deployments.c[name]
    for name in (
        *("id", "number", "kind", "state", "service", "environment", "reason", "emergency", "note", "ref"),
        *("requested_by_kind", "requested_by_id", "requested_by_name", "resolution", "release_sha"),
        *("created_at", "attempted_at", "ended_at"),
    )
)
_ASKED = (deployments.c.id, deployments.c.requested_by_kind, deployments.c.requested_by_id)


class SqlArchive:
    """The Archive over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def history(self, workspace: str, wish: HistoryWish) -> Page[Past]:
        """The deployments of a service or of one of its environments."""
        async with self._database.read() as connection:
            rows = list(await connection.execute(history_query(workspace, wish)))
            approvals = await _approvals(connection, workspace, rows[:PAGE])
        page = [_past(row, approvals.get(row.id, ())) for row in rows]
        return _page(page, [each.asked_at for each in page], wish.since)

    async def trail(self, workspace: str, wish: TrailWish) -> Page[TrailRecord]:
        """The records of the audit trail that this scope may see."""
        async with self._database.read() as connection:
            rows = list(await connection.execute(trail_query(workspace, wish)))
        page = [_record(row) for row in rows]
        return _page(page, [row.found_at for row in rows], wish.since)

    async def involved(self, workspace: str) -> dict[str, tuple[DeploymentId, ...]]:
        """By each person's id what they asked for or voted on; also who has a lock, a wait, a link or a
        subscription.
        """
        given = and_(
            votes.c.workspace_id == deployments.c.workspace_id, votes.c.deployment_id == deployments.c.id
        )
        query = (
            select(*_ASKED, votes.c.person)
            .select_from(deployments.outerjoin(votes, given))
            .where(deployments.c.workspace_id == workspace, deployments.c.state.in_(_NOT_BEGUN))
            .order_by(deployments.c.number)
        )
        found: dict[str, dict[DeploymentId, None]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                asker = row.requested_by_id if row.requested_by_kind == ActorKind.PERSON.value else None
                for person in filter(None, (asker, row.person)):
                    found.setdefault(person, {})[DeploymentId(row.id)] = None
            now = await self._database.now(connection)
            for holder in (await connection.execute(_holders(workspace, now))).scalars():
                found.setdefault(holder, {})
        return {person: tuple(ids) for person, ids in found.items()}


def _holders(workspace: str, now: datetime) -> CompoundSelect[Any]:
    """Whoever has something besides deployments that ends when they leave."""
    holds = and_(
        locks.c.owner_kind == ActorKind.PERSON.value, or_(locks.c.until.is_(None), locks.c.until > now)
    )
    return union(
        select(locks.c.owner_id).where(locks.c.workspace_id == workspace, holds),
        select(lock_waiters.c.person).where(lock_waiters.c.workspace_id == workspace),
        select(links.c.person).where(links.c.workspace_id == workspace),
        select(subscriptions.c.maker_id).where(
            subscriptions.c.workspace_id == workspace, subscriptions.c.maker_kind == ActorKind.PERSON.value
        ),
    )


def history_query(workspace: str, wish: HistoryWish) -> Select[Any]:
    """One more than a page, to know whether others follow."""
    card = and_(cards.c.workspace_id == deployments.c.workspace_id, cards.c.card == deployments.c.id)
    query = (
        select(*_LINE, cards.c.channel.label("card_channel"), cards.c.ts.label("card_ts"))
        .select_from(deployments.outerjoin(cards, card))
        .where(deployments.c.workspace_id == workspace, deployments.c.service == wish.service)
        .order_by(deployments.c.number.desc())
        .limit(PAGE + 1)
    )
    if wish.environment is not None:
        query = query.where(deployments.c.environment == wish.environment)
    if wish.before is not None:
        query = query.where(deployments.c.number < wish.before)
    return query


def trail_query(workspace: str, wish: TrailWish) -> Select[Any]:
    """As above, over the keys by which records are found."""
    same = and_(audit.c.workspace_id == audit_keys.c.workspace_id, audit.c.seq == audit_keys.c.seq)
    keys = audit_keys.c
    columns = (audit.c.seq, raw(audit.c.body), raw(audit.c.prev), raw(audit.c.hash))
    query = (
        select(*columns, keys.at.label("found_at"), keys.service, keys.environment)
        .select_from(audit_keys.join(audit, same))
        .where(keys.workspace_id == workspace, _within(wish.scope))
        .order_by(keys.seq.desc())
        .limit(PAGE + 1)
    )
    narrowed = ((keys.number, wish.deployment), (keys.actor_id, wish.actor), (keys.event, wish.event))
    for column, value in narrowed:
        if value is not None:
            query = query.where(column == value)
    return query.where(keys.seq < wish.before) if wish.before is not None else query


def _within(scope: Extent) -> ColumnElement[bool]:
    """One place is compared by itself: that finds it by its key."""
    keys, places = audit_keys.c, sorted(scope.places)
    if len(places) == 1 and not scope.elsewhere:
        return and_(keys.service == places[0][0], keys.environment == places[0][1])
    inside = tuple_(keys.service, keys.environment).in_(places)
    return or_(inside, keys.service == "") if scope.elsewhere else inside


def _page(rows: Sequence[Found], times: Sequence[datetime], since: datetime | None) -> Page[Found]:
    """Numbers rise with time, so what is too old is at the end."""
    recent = [row for row, at in zip(rows, times, strict=True) if since is None or at >= since]
    return Page(tuple(recent[:PAGE]), more=len(recent) > PAGE)


async def _approvals(
    connection: AsyncConnection, workspace: str, rows: Sequence[Row[Any]]
) -> dict[str, tuple[str, ...]]:
    query = (
        select(votes.c.deployment_id, votes.c.name)
        .where(
            votes.c.workspace_id == workspace,
            votes.c.deployment_id.in_([row.id for row in rows]),
            votes.c.kind == VoteKind.APPROVE.value,
        )
        .order_by(votes.c.at, votes.c.person)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in await connection.execute(query):
        found[row.deployment_id] = (*found.get(row.deployment_id, ()), row.name)
    return found


def _past(row: Row[Any], approved_by: tuple[str, ...]) -> Past:
    resolution = row.resolution or {}
    posted = Posted(row.card_channel, row.card_ts) if row.card_channel and row.card_ts else None
    return Past(
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        service=row.service,
        environment=row.environment,
        requested_by=mapping.actor(row._asdict(), "requested_by_"),
        reason=row.reason,
        emergency=row.emergency,
        asked_at=row.created_at,
        began_at=row.attempted_at,
        ended_at=row.ended_at,
        ref=resolution.get("ref_name") or row.ref or "",
        sha=Sha(row.release_sha) if row.release_sha else None,
        title=(resolution.get("release") or {}).get("title", ""),
        note=row.note,
        approved_by=approved_by,
        card=posted,
    )


def _record(row: Row[Any]) -> TrailRecord:
    """As it was hashed; the keys only found it. Nothing of a body that is none is believed."""
    kept = all(isinstance(each, bytes) for each in (row.body, row.prev, row.hash))
    sound = kept and row.hash == link(row.prev, row.body)
    try:
        plain = json.loads(row.body if kept else "")
        by = plain["actor"]
        actor = Actor(ActorKind(by["kind"]), str(by["id"]), str(by["name"]))
        at, event, facts = datetime.fromisoformat(plain["at"]), str(plain["event"]), dict(plain["facts"])
    except (ValueError, KeyError, TypeError):
        nobody = Actor(ActorKind.BOT, "", "nobody knows who")
        return TrailRecord(row.seq, row.found_at, nobody, "unreadable", {}, sound=False)
    return TrailRecord(row.seq, at, actor, event, facts, row.service, row.environment, sound)
