"""What was delivered long ago is forgotten; what still waits never is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.core.effects import Answer
from bot.core.steps import Step
from bot.core.text import line
from bot.store.outbox import DELIVERED_KEPT
from bot.store.store import Store
from bot.store.tables import outbox
from tests.contract.store_support import HandClock


async def test_only_old_delivered_effects_are_forgotten(store: Store, clock: HandClock) -> None:
    for words in ("delivered", "waiting"):
        async with store.units.begin("T1", Step.HANDLE_DELIVERY) as uow:
            await uow.show(Answer("U1", "C1", line(words)))
    (first,) = await store.outbox.claim(1)
    await store.outbox.delivered(first, None)
    assert await store.outbox.purge() == 0
    clock.move((DELIVERED_KEPT + timedelta(seconds=1)).total_seconds())
    assert await store.outbox.purge() == 1
    async with store.database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(outbox))).scalar_one() == 1
