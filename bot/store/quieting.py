"""What came for people while they had quiet hours: held back, and said in one message when they are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import Tell, TellEnd, TellLater, may_wait
from bot.core.records import Parcel
from bot.store.database import Database
from bot.store.effects import EffectKind, effect_row, read_effect
from bot.store.statements import pairs, the_pairs
from bot.store.tables import outbox

GRACE = timedelta(seconds=5)  # for what was held back in a commit that took a moment
QUIET = "its person has quiet hours: it is said when they are over"


async def message_after(
    database: Database, connection: AsyncConnection, parcel: Parcel, until: datetime, now: datetime
) -> str | None:
    """The id of the one message after these hours; None for such a message itself, which only waits longer.

    Hours that were over by the time of this commit may have been told already: then it gets one of its own.
    """
    person = may_wait(parcel.effect)
    if person is None or isinstance(parcel.effect, TellLater):
        return None
    once = f"-{parcel.id}" if now >= until else ""
    id = f"quiet-{person}-{until.isoformat()}{once}"
    row = effect_row(parcel.workspace, id, TellLater(person), EffectKind.TELL_LATER, now)
    row |= {"due_at": max(until, now) + GRACE}
    await connection.execute(database.insert(outbox).values(row).on_conflict_do_nothing())
    return id


async def held_back(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> dict[tuple[str, str], tuple[Tell | TellEnd, ...]]:
    """What each of these messages has to say, by workspace and id, in the order in which it was asked."""
    wanted = [(row.workspace_id, row.id) for row in rows if row.kind == EffectKind.TELL_LATER.value]
    if not wanted:
        return {}
    theirs = pairs(outbox, "workspace_id", "summary")
    query = select(outbox).where(theirs).order_by(outbox.c.created_at, outbox.c.id)
    found: dict[tuple[str, str], tuple[Tell | TellEnd, ...]] = {}
    for row in await connection.execute(query, the_pairs(wanted)):
        effect, key = read_effect(row.kind, row.effect), (row.workspace_id, row.summary)
        if isinstance(effect, Tell | TellEnd):
            found[key] = (*found.get(key, ()), effect)
    return found


def filled(parcel: Parcel, held: tuple[Tell | TellEnd, ...]) -> Parcel:
    """With what was held back by the time at which it is shown."""
    if not isinstance(parcel.effect, TellLater):
        return parcel
    return replace(parcel, effect=replace(parcel.effect, held_back=held))
