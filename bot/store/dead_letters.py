"""What the outbox gave up, for the operators."""

from __future__ import annotations

from sqlalchemy import and_, select, update

from bot.core.dead_letters import DeadLetter, what_of
from bot.store.budgets import HELD_BACK
from bot.store.database import Database
from bot.store.effects import read_effect
from bot.store.quieting import QUIET
from bot.store.tables import outbox
from bot.store.wakeups import Wake

_SAID_LATER = (HELD_BACK, QUIET)  # in one message with others
_DEAD = and_(outbox.c.dead_at.is_not(None), outbox.c.why.not_in(_SAID_LATER))


class DeadLetters:
    """They lie in the outbox until somebody has them tried again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, limit: int) -> tuple[DeadLetter, ...]:
        """Of every workspace, what was given up last first."""
        query = select(outbox).where(_DEAD).order_by(outbox.c.dead_at.desc(), outbox.c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            DeadLetter(
                row.workspace_id,
                row.id,
                *what_of(read_effect(row.kind, row.effect)),
                row.why,
                row.created_at,
                row.dead_at,
            )
            for row in rows
        )

    async def revive(self, id: str | None = None) -> int:
        """Try this one again, or all of them; what may stand already is looked for first, as ever."""
        which = _DEAD if id is None else _DEAD & (outbox.c.id == id)
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            fresh = {"dead_at": None, "attempts": 0, "failing_since": None, "due_at": now, "why": ""}
            count = (await connection.execute(update(outbox).where(which).values(fresh))).rowcount
        self._database.ring({Wake.OUTBOX})
        return count
