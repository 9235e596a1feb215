"""What was delivered long ago is forgotten; what still waits never is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Table, func, select

from bot.core.effects import Answer, Effect, Posted, ShowCard, ShowRun, TellRun
from bot.core.following import RunChange
from bot.core.steps import Step
from bot.core.text import line
from bot.store.outbox import DELIVERED_KEPT, RUN_CARDS_KEPT
from bot.store.store import Store
from bot.store.tables import cards, outbox
from tests.contract.store_support import HandClock, add, run


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


RUN = run().ref
OTHER = replace(RUN, external_id="78")


async def shows(store: Store, *effects: Effect) -> None:
    async with store.units.begin("T1", Step.FOLLOW_RUN) as uow:
        for each in effects:
            await uow.show(each)


async def passes(store: Store, clock: HandClock, span: timedelta) -> int:
    clock.move((span + timedelta(seconds=1)).total_seconds())
    return await store.outbox.purge()


async def count(store: Store, table: Table) -> int:
    async with store.database.read() as connection:
        found: int = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    return found


async def test_what_was_given_up_long_ago_is_forgotten_as_well(store: Store, clock: HandClock) -> None:
    """It may hold the end of a log, which is promised to be gone by then."""
    await shows(store, Answer("U1", "C1", line("refused")))
    (refused,) = await store.outbox.claim(1)
    await store.outbox.bury(refused, "no such person")
    assert await passes(store, clock, DELIVERED_KEPT - timedelta(days=1)) == 0
    assert await passes(store, clock, timedelta(days=1)) == 1


async def test_cards_of_runs_go_when_nothing_can_change_them_and_those_of_deployments_stay(
    store: Store, clock: HandClock
) -> None:
    deployment = await add(store)
    told = [TellRun(each, 1, RunChange.FAILED, "C1") for each in (RUN, OTHER)]
    await shows(store, ShowCard(deployment.id), *(ShowRun(each, "C1") for each in (RUN, OTHER)), *told)
    while parcels := await store.outbox.claim(9):
        for each in parcels:
            await store.outbox.delivered(each, Posted("C1", each.id))
    assert await passes(store, clock, RUN_CARDS_KEPT - timedelta(days=1)) == len(told)
    await shows(store, ShowRun(OTHER))
    assert await passes(store, clock, timedelta(days=1)) == 1
    assert (await count(store, outbox), await count(store, cards)) == (2, 2)
    (waiting,) = await store.outbox.claim(9)
    assert (waiting.effect, waiting.known is not None) == (ShowRun(OTHER, "C1"), True)
