"""How much a channel is told in one minute of what it subscribed to; what is too much is summed up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import Heard, Summary
from bot.core.records import Parcel
from bot.store.database import Database
from bot.store.effects import EffectKind, effect_row, read_effect
from bot.store.statements import pairs, the_pairs
from bot.store.tables import channel_minutes, outbox

MINUTE = timedelta(minutes=1)
GRACE = timedelta(seconds=5)  # for what was held back in a commit that took a moment
KEPT = timedelta(hours=1)
HELD_BACK = "its channel was told enough: it is in a summary"


async def is_full(
    database: Database, connection: AsyncConnection, workspace: str, channel: str, budget: int, now: datetime
) -> bool:
    """Counts one more message of this minute, unless the budget is used up."""
    key = {"workspace_id": workspace, "channel": channel, "minute": _minute(now)}
    insert = database.insert(channel_minutes).values(key | {"posted": 1})
    more = insert.on_conflict_do_update(
        index_elements=list(key),
        set_={"posted": channel_minutes.c.posted + 1},
        where=channel_minutes.c.posted < budget,
    ).returning(channel_minutes.c.posted)
    return (await connection.execute(more)).scalar_one_or_none() is None


async def give_back(connection: AsyncConnection, parcel: Parcel, channel: str) -> None:
    """A try that had no effect took nothing of it: else an outage alone would use it up."""
    since = select(outbox.c.posting_since).where(
        outbox.c.workspace_id == parcel.workspace, outbox.c.id == parcel.id
    )
    marked: datetime | None = (await connection.execute(since)).scalar_one_or_none()
    if marked is None:
        return
    its = and_(
        channel_minutes.c.workspace_id == parcel.workspace,
        channel_minutes.c.channel == channel,
        channel_minutes.c.minute == _minute(marked),
        channel_minutes.c.posted > 0,
    )
    await connection.execute(update(channel_minutes).where(its).values(posted=channel_minutes.c.posted - 1))


async def summary_of(
    database: Database, connection: AsyncConnection, workspace: str, channel: str, now: datetime
) -> str:
    """The id of the message that sums up this minute; it is posted when the minute is over."""
    minute = _minute(now)
    id = f"summary-{channel}-{minute.isoformat()}"
    row = effect_row(workspace, id, Summary(channel), EffectKind.SUMMARY, now)
    row |= {"due_at": minute + MINUTE + GRACE, "channel": channel}
    await connection.execute(database.insert(outbox).values(row).on_conflict_do_nothing())
    return id


async def held_back(
    connection: AsyncConnection, rows: Sequence[Row[Any]]
) -> dict[tuple[str, str], tuple[Heard, ...]]:
    """What each of these summaries has to say, by workspace and id, in the order in which it was asked."""
    wanted = [(row.workspace_id, row.id) for row in rows if row.kind == EffectKind.SUMMARY.value]
    if not wanted:
        return {}
    theirs = pairs(outbox, "workspace_id", "summary")
    query = select(outbox).where(theirs).order_by(outbox.c.created_at, outbox.c.id)
    found: dict[tuple[str, str], tuple[Heard, ...]] = {}
    for row in await connection.execute(query, the_pairs(wanted)):
        effect, key = read_effect(row.kind, row.effect), (row.workspace_id, row.summary)
        if isinstance(effect, Heard):
            found[key] = (*found.get(key, ()), effect)
    return found


def is_counted(parcel: Parcel) -> bool:
    """A first try to post what a channel subscribed to; a summary is the message that is always left."""
    heard = isinstance(parcel.effect, Heard) and bool(parcel.effect.channel)
    return heard and parcel.posting_since is None


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Minutes that are long over."""
    await connection.execute(delete(channel_minutes).where(channel_minutes.c.minute < now - KEPT))


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
