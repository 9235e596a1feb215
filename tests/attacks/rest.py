"""Whether a house has nothing to do at this moment; what waits for people is looked at again much later."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.store.tables import inbox, leases, work
from tests.scenario.house import House


async def resting(house: House) -> bool:
    """No delivery, no look that is under way, and none that is due soon."""
    store, soon = house.app.store, house.clock.now() + timedelta(seconds=2)
    counts = (
        select(func.count()).where(inbox.c.handled_at.is_(None), inbox.c.dead_at.is_(None)),
        select(func.count()).where(leases.c.until.is_not(None)),
        select(func.count()).where(work.c.due_at <= soon),
    )
    async with store.database.read() as connection:
        return not any([(await connection.execute(each)).scalar_one() for each in counts])
