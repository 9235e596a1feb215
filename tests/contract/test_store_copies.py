"""Copies of cards, and the budget of the channels that hear of them, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.core.effects import Announce, Announcement, Effect, Notice, Posted, ShowCard, Summary
from bot.core.records import Parcel
from bot.core.text import line
from bot.core.values import DeploymentId
from bot.store.budgets import GRACE, MINUTE
from bot.store.store import Store
from tests.contract.store_support import T1, T2, HandClock, add, open_store
from tests.contract.test_store_outbox import CARD, HERE, OTHER, claim_one, post_card, show

COPY = ShowCard(CARD, "C2")
THERE = Posted("C2", "1800.1")
SAID = Announce(CARD, Announcement.FAILED, "C2")
BUDGET = 2


def notice(number: int, channel: str = "C2") -> Notice:
    return Notice(channel, line(f"number {number}"))


async def take(store: Store) -> list[Effect]:
    """What may go now; it is delivered."""
    parcels = await store.outbox.claim(50)
    for each in parcels:
        await store.outbox.delivered(each, None)
    return [each.effect for each in parcels]


async def post(store: Store, parcel: Parcel) -> bool:
    """Whether there was room for it."""
    marked = await store.outbox.mark_posting(parcel)
    if marked is not None:
        await store.outbox.delivered(marked, THERE if isinstance(parcel.effect, ShowCard) else None)
    return marked is not None


async def test_a_copy_comes_after_its_card_and_follows_it(store: Store, clock: HandClock) -> None:
    await show(store, COPY, ShowCard(CARD), SAID)
    parcel = await claim_one(store)
    assert parcel.effect == ShowCard(CARD)
    await store.outbox.delivered(parcel, HERE)
    copied = await claim_one(store)
    assert (copied.effect, copied.known) == (COPY, None)
    await store.outbox.delivered(copied, THERE)
    said = await claim_one(store)
    assert (said.effect, said.known) == (SAID, THERE)
    await store.outbox.delivered(said, None)
    clock.move(60)
    await show(store, ShowCard(CARD))  # whatever changes the card changes the copy
    both = {each.effect: each.known for each in await store.outbox.claim(10)}
    assert both == {ShowCard(CARD): HERE, COPY: THERE}


async def test_the_deployment_is_found_by_its_copy_as_by_its_card(store: Store) -> None:
    deployment = await add(store)
    await show(store, ShowCard(deployment.id), ShowCard(deployment.id, "C2"))
    await store.outbox.delivered(await claim_one(store), HERE)
    await store.outbox.delivered(await claim_one(store), THERE)
    for place in (HERE, THERE):
        found = await store.queries.deployment_at(T1, place)
        assert found is not None
        assert found.id == deployment.id
    assert await store.queries.deployment_at(T2, THERE) is None
    assert await store.queries.card_of(T1, deployment.id) == HERE
    assert await store.queries.card_of(T2, deployment.id) is None


async def test_other_cards_and_other_workspaces_have_no_part_in_it(store: Store, clock: HandClock) -> None:
    await post_card(store)
    await show(store, COPY)
    await store.outbox.delivered(await claim_one(store), THERE)
    clock.move(60)
    await show(store, ShowCard(OTHER))
    await show(store, ShowCard(CARD), workspace=T2)
    found = [(each.workspace, each.effect) for each in await store.outbox.claim(10)]
    assert sorted(found, key=str) == [(T1, ShowCard(OTHER)), (T2, ShowCard(CARD))]


async def test_where_the_card_was_given_up_the_copy_goes_all_the_same(store: Store) -> None:
    await show(store, ShowCard(CARD), COPY)
    await store.outbox.bury(await claim_one(store), "no such channel")
    assert (await claim_one(store)).effect == COPY


async def test_what_is_too_much_for_a_minute_is_one_summary_when_it_is_over(
    database_url: str, clock: HandClock
) -> None:
    async with open_store(database_url, clock, budget=lambda: BUDGET) as store:
        await show(store, *map(notice, range(5)), notice(9, "C3"))
        parcels = await store.outbox.claim(10)
        posted = [each.effect for each in parcels if await post(store, each)]
        assert len(posted) == BUDGET + 1
        assert notice(9, "C3") in posted  # each channel has its own
        assert await store.outbox.claim(10) == ()
        clock.move((MINUTE + GRACE).total_seconds())
        (summary,) = await store.outbox.claim(10)
        assert isinstance(summary.effect, Summary)
        rest = {each.effect for each in parcels} - set(posted)
        assert (summary.effect.channel, set(summary.effect.held_back)) == ("C2", rest)
        marked = await store.outbox.mark_posting(summary)  # the message that is always left
        assert marked is not None
        await store.outbox.delivered(marked, None)
        await show(store, notice(7))
        assert await post(store, await claim_one(store))  # the next minute has a budget of its own


async def test_a_copy_that_was_too_much_comes_back_with_its_next_news(
    database_url: str, clock: HandClock
) -> None:
    async with open_store(database_url, clock, budget=lambda: 1) as store:
        await post_card(store)
        await show(store, notice(1), COPY, SAID)
        copy, first = sorted(await store.outbox.claim(10), key=lambda each: isinstance(each.effect, Notice))
        assert await post(store, first)
        assert not await post(store, copy)
        said = await claim_one(store)  # it waits for no copy that does not come
        assert not await post(store, said)
        clock.move(3 * MINUTE.total_seconds())
        summaries = [each for each in await store.outbox.claim(10) if isinstance(each.effect, Summary)]
        assert [set(each.effect.held_back) for each in summaries if isinstance(each.effect, Summary)] == [
            {COPY, SAID}
        ]
        await show(store, ShowCard(CARD))
        assert COPY not in await take(store)  # an edit alone is no news
        await show(store, COPY)
        assert await post(store, await claim_one(store))


async def test_a_try_that_had_no_effect_takes_nothing_of_the_budget(
    database_url: str, clock: HandClock
) -> None:
    """Else an outage of the chat alone would put into summaries what there is room for."""
    async with open_store(database_url, clock, budget=lambda: BUDGET) as store:
        await show(store, notice(1), notice(2))
        for _ in range(3):
            for each in await store.outbox.claim(10):
                assert await store.outbox.mark_posting(each) is not None
                await store.outbox.retry(each, timedelta(seconds=1), "no answer", maybe_posted=False)
            clock.move(1)
        await show(store, notice(3))
        posted = [each.effect for each in await store.outbox.claim(10) if await post(store, each)]
        assert len(posted) == BUDGET


async def test_what_was_never_counted_gives_nothing_back(database_url: str, clock: HandClock) -> None:
    async with open_store(database_url, clock, budget=lambda: 1) as store:
        await show(store, notice(1), notice(2))
        first, second = await store.outbox.claim(10)
        assert await post(store, first)
        await store.outbox.retry(second, timedelta(seconds=1), "it was not even tried", maybe_posted=False)
        clock.move(1)
        assert not await post(store, await claim_one(store))


async def test_cards_of_the_channel_itself_are_not_counted(database_url: str, clock: HandClock) -> None:
    """Somebody asked for each of them there, and decides on it there."""
    async with open_store(database_url, clock, budget=lambda: 1) as store:
        for name in ("d1", "d2", "d3"):
            id = DeploymentId(name)
            await show(store, ShowCard(id), Announce(id, Announcement.FAILED))
            assert await post(store, await claim_one(store))
            assert await post(store, await claim_one(store))


async def test_a_repeat_is_counted_once(database_url: str, clock: HandClock) -> None:
    async with open_store(database_url, clock, budget=lambda: 1) as store:
        await show(store, notice(1))
        parcel = await store.outbox.mark_posting(await claim_one(store))
        assert parcel is not None
        await store.outbox.retry(parcel, MINUTE / 60, "the answer was lost", maybe_posted=True)
        clock.move(2)
        again = await claim_one(store)
        assert again.posting_since is not None
        assert await store.outbox.mark_posting(again) is not None


async def test_old_minutes_are_forgotten(database_url: str, clock: HandClock) -> None:
    async with open_store(database_url, clock, budget=lambda: 1) as store:
        await show(store, notice(1), notice(2))
        assert sorted([await post(store, each) for each in await store.outbox.claim(10)]) == [False, True]
        clock.move(40 * 86_400)
        await store.outbox.purge()
        async with store.database.read() as connection:
            found = await connection.exec_driver_sql("SELECT count(*) FROM channel_minutes")
            assert found.scalar_one() == 0
