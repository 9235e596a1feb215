"""The audit trail as it lies in the database, read without the product's help."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bot.playground.slack.seed import TEAM
from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the trail."""

    seq: int
    at: datetime
    event: str
    actor: str
    facts: dict[str, Any]

    @property
    def line(self) -> str:
        """All of it in words."""
        return f"{self.event} by {self.actor}: {json.dumps(self.facts, ensure_ascii=False)}"


async def read(store: Store, after: int = 0) -> list[Record]:
    """What came after that place."""
    query = text("SELECT body FROM audit WHERE workspace_id = :workspace AND seq > :after ORDER BY seq")
    async with store.database.read() as connection:
        rows = (await connection.execute(query, {"workspace": TEAM, "after": after})).all()
    return [_record(json.loads(bytes(body))) for (body,) in rows]


async def length(store: Store) -> int:
    """How many records there are."""
    async with store.database.read() as connection:
        query = text("SELECT coalesce(max(seq), 0) FROM audit WHERE workspace_id = :workspace")
        return int((await connection.execute(query, {"workspace": TEAM})).scalar_one())


async def newest(store: Store) -> int:
    """The number of the last deployment."""
    async with store.database.read() as connection:
        query = text("SELECT coalesce(max(number), 0) FROM deployments WHERE workspace_id = :workspace")
        return int((await connection.execute(query, {"workspace": TEAM})).scalar_one())


def _record(body: dict[str, Any]) -> Record:
    at = datetime.fromisoformat(body["at"])
    return Record(body["seq"], at, body["event"], body["actor"]["id"], body["facts"])
