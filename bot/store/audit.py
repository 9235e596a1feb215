"""The audit chain: each record is hashed together with the one before it, so none can be changed unnoticed.

The exact bytes that were hashed are kept and never written anew. The head row is locked last in a transaction
and until its end; that alone keeps two writers from forking the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Row, and_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from bot.core.request import Canonical, canonical_json
from bot.core.values import Actor
from bot.store.database import Database
from bot.store.statements import the, this
from bot.store.tables import audit, audit_head, audit_keys

DOMAIN = b"slipway/audit/1\x00"
_PAGE = 1000

_OURS = this(audit_head, "workspace_id")
_LOCK_HEAD = select(audit_head.c.seq, audit_head.c.hash).where(_OURS).with_for_update()
_MOVE_HEAD = update(audit_head).where(_OURS)
_ADD, _ADD_KEYS = audit.insert(), audit_keys.insert()


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, before it has its place in the chain."""

    actor: Actor
    event: str
    facts: dict[str, Canonical]
    place: tuple[str, str] = ("", "")  # service and environment


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at a whole chain found; `broken_at` is the first place that does not hold."""

    workspace: str
    records: int
    broken_at: int | None = None
    why: str = ""


def genesis(workspace: str) -> bytes:
    """What the first record of a workspace is chained to."""
    return hashlib.sha256(DOMAIN + workspace.encode()).digest()


def link(prev: bytes, body: bytes) -> bytes:
    """The hash of a record; `prev` has a fixed length, so the two cannot run into each other."""
    return hashlib.sha256(DOMAIN + prev + body).digest()


async def append(
    database: Database, connection: AsyncConnection, workspace: str, at: datetime, entries: Sequence[Entry]
) -> None:
    """Chain the entries; the last thing that a transaction does."""
    if not entries:
        return
    seq, prev = await _lock_head(database, connection, workspace)
    rows, keys = [], []
    for entry in entries:
        seq += 1
        body = _body(workspace, seq, at, entry)
        hash = link(prev, body)
        rows.append({"workspace_id": workspace, "seq": seq, "body": body, "prev": prev, "hash": hash})
        keys.append({"workspace_id": workspace, "seq": seq, "at": at, **_keys(entry)})
        prev = hash
    await connection.execute(_ADD, rows)
    await connection.execute(_ADD_KEYS, keys)
    await connection.execute(_MOVE_HEAD, {**the(workspace_id=workspace), "seq": seq, "hash": prev})


async def _lock_head(database: Database, connection: AsyncConnection, workspace: str) -> tuple[int, bytes]:
    ours = the(workspace_id=workspace)
    found = (await connection.execute(_LOCK_HEAD, ours)).one_or_none()
    if found is None:
        start = database.insert(audit_head).values(workspace_id=workspace, seq=0, hash=genesis(workspace))
        await connection.execute(start.on_conflict_do_nothing())
        found = (await connection.execute(_LOCK_HEAD, ours)).one()
    return found.seq, found.hash


def _keys(entry: Entry) -> dict[str, object]:
    """By what it is found later."""
    service, environment = entry.place
    number = entry.facts.get("number")
    return {
        "event": entry.event,
        "actor_id": entry.actor.id,
        "number": number if isinstance(number, int) else None,
        "service": service,
        "environment": environment,
    }


def _body(workspace: str, seq: int, at: datetime, entry: Entry) -> bytes:
    actor = entry.actor
    return canonical_json(
        {
            "log": workspace,
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(),
            "actor": {"kind": actor.kind.value, "id": actor.id, "name": actor.name},
            "event": entry.event,
            "facts": entry.facts,
        }
    )


class AuditLog:
    """Looks at the chains from outside any unit of work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verify(self, workspace: str) -> Report:
        """Recompute the whole chain. A tail that was cut off together with the head shows only elsewhere."""
        async with self._database.read() as connection:
            head = await _head(connection, workspace)
            seq, prev = 0, genesis(workspace)
            async for row in _rows(connection, workspace):
                why = _flaw(row, workspace, seq + 1, prev)
                if why:
                    return Report(workspace, seq, seq + 1, why)
                seq, prev = row.seq, row.hash
        if head is None:
            return Report(workspace, seq, 1, "the head is missing") if seq else Report(workspace, 0)
        if (head.seq, head.hash) != (seq, prev):
            return Report(workspace, seq, seq + 1, f"the head says that there are {head.seq} records")
        return Report(workspace, seq)

    async def workspaces(self) -> tuple[str, ...]:
        """Every workspace that has a chain."""
        query = select(audit_head.c.workspace_id).order_by(audit_head.c.workspace_id)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def export(self, workspace: str) -> AsyncIterator[bytes]:
        """Each record as one line of JSON: the body as it was hashed, as text, and the two hashes."""
        async with self._database.read() as connection:
            async for row in _rows(connection, workspace):
                line = {"body": _told(row.body), "prev": _hex(row.prev), "hash": _hex(row.hash)}
                yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


async def _head(connection: AsyncConnection, workspace: str) -> Row[Any] | None:
    columns: tuple[Any, ...] = (audit_head.c.seq, raw(audit_head.c.hash))
    query = select(*columns).where(audit_head.c.workspace_id == workspace)
    return (await connection.execute(query)).one_or_none()


async def _rows(connection: AsyncConnection, workspace: str) -> AsyncIterator[Row[Any]]:
    columns: tuple[Any, ...] = (audit.c.seq, raw(audit.c.body), raw(audit.c.prev), raw(audit.c.hash))
    keys: tuple[Any, ...] = (audit_keys.c.event, audit_keys.c.actor_id, audit_keys.c.number)
    same = and_(audit_keys.c.workspace_id == audit.c.workspace_id, audit_keys.c.seq == audit.c.seq)
    last = -(2**62)  # below any number that a forger could have written
    while True:
        page = (
            select(*columns, *keys)
            .select_from(audit.outerjoin(audit_keys, same))
            .where(audit.c.workspace_id == workspace, audit.c.seq > last)
            .order_by(audit.c.seq)
            .limit(_PAGE)
        )
        rows = (await connection.execute(page)).all()
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        last = rows[-1].seq


def raw(column: Column[bytes]) -> Any:
    """As it lies in the database: SQLite keeps text in a column of bytes, if somebody writes it there."""
    return type_coerce(column, NullType()).label(column.name)


def _told(body: object) -> str:
    return body.decode(errors="backslashreplace") if isinstance(body, bytes) else str(body)


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _flaw(row: Row[Any], workspace: str, expected: int, prev: bytes) -> str:
    """What is wrong with a record in its place; nothing: empty."""
    if row.seq != expected:
        return f"record {expected} is missing"
    if not all(isinstance(each, bytes) for each in (row.body, row.prev, row.hash)):
        return "it is not kept as it was written"
    if row.prev != prev:
        return "it is not chained to the record before it"
    if row.hash != link(row.prev, row.body):
        return "its content does not fit its hash"
    if _place(row.body) != (workspace, expected):
        return "it belongs to another place"
    return "" if _found_by(row) else "it is found by something else than it says"


def _found_by(row: Row[Any]) -> bool:
    """Whether its keys are its own: a record with the keys of another would be hidden from who looks."""
    plain = json.loads(row.body)
    try:
        said = (plain["event"], plain["actor"]["id"], plain["facts"].get("number"))
    except (KeyError, TypeError, AttributeError):
        return True  # it says nothing, so nothing finds it
    return (row.event, row.actor_id, row.number) == said


def _place(body: bytes) -> tuple[str, int] | None:
    try:
        plain = json.loads(body)
        return plain["log"], plain["seq"]
    except (ValueError, KeyError, TypeError):
        return None
