"""Effects on their way, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.effects import Announce, Announcement, Answer, Effect, Posted, ShowCard, Tell
from bot.core.errors import LeaseLost
from bot.core.lifecycle import Trigger
from bot.core.records import Parcel
from bot.core.steps import Step
from bot.core.text import Link, Mention, Moment, Style, Text, Words, line
from bot.core.values import DeploymentId
from bot.store.database import LEASE
from bot.store.outbox import CARD_PACE
from bot.store.store import Store
from tests.contract.store_support import (
    ADA,
    NOON,
    T1,
    T2,
    TO_RUNNING,
    HandClock,
    add,
    follow,
    open_store,
    rows,
)

CARD, OTHER = DeploymentId("d1"), DeploymentId("d2")
HERE = Posted("C1", "1700.1")


async def show(store: Store, *effects: Effect, workspace: str = T1) -> None:
    """Put them into the outbox, all in one commit."""
    async with store.units.begin(workspace, Step.RECORD_PROGRESS) as uow:
        for effect in effects:
            await uow.show(effect)


async def claim_one(store: Store) -> Parcel:
    """The only parcel that may go."""
    [parcel] = await store.outbox.claim(10)
    return parcel


async def mark(store: Store) -> Parcel:
    """The only parcel that may go, marked."""
    marked = await store.outbox.mark_posting(await claim_one(store))
    assert marked is not None
    return marked


async def post_card(store: Store) -> None:
    await show(store, ShowCard(CARD))
    await store.outbox.delivered(await claim_one(store), HERE)


async def test_an_effect_comes_back_whole(store: Store) -> None:
    words = Text(
        (
            (Words("a"), Words("*b*", Style.BOLD), Link("https://x", "x")),
            (Mention("U1", "Ada", notify=True), Moment(NOON)),
        )
    )
    answer = Answer("U1", "C1", words, "https://hook", "open_form", "v")
    await show(store, answer)
    parcel = await claim_one(store)
    assert parcel.effect == answer
    assert (parcel.known, parcel.posting_since, parcel.attempts) == (None, None, 1)
    await store.outbox.delivered(parcel, None)
    assert await store.outbox.claim(10) == ()


async def test_a_burst_collapses_to_the_newest(store: Store) -> None:
    for _ in range(5):
        await show(store, ShowCard(CARD), ShowCard(CARD))
    await store.outbox.delivered(await claim_one(store), HERE)
    assert await store.outbox.claim(10) == ()
    assert await rows(store, "SELECT count(*) FROM outbox") == [(1,)]


async def test_news_during_a_delivery_is_shown_by_another_one(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    first = await claim_one(store)
    await show(store, ShowCard(CARD))
    assert await store.outbox.claim(10) == ()
    await store.outbox.delivered(first, HERE)
    clock.move(3)
    second = await claim_one(store)
    assert (second.known, second.operation, second.attempts) == (HERE, first.operation, 1)
    await store.outbox.delivered(second, HERE)
    assert await store.outbox.claim(10) == ()


async def test_edits_keep_a_pace(store: Store, clock: HandClock) -> None:
    await post_card(store)
    await show(store, ShowCard(CARD))
    clock.move(2.9)
    assert await store.outbox.claim(10) == ()
    clock.move(0.1)
    await claim_one(store)


@pytest.mark.parametrize("during", [True, False])
async def test_an_end_does_not_wait_for_the_pace(store: Store, during: bool) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        running = await follow(uow, asked, *TO_RUNNING)
    parcel = await claim_one(store)
    if not during:
        await store.outbox.delivered(parcel, HERE)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        await uow.deployments.move(running, Trigger.RUN_FAILED, ADA, "")
    if during:
        await store.outbox.delivered(parcel, HERE)
    await claim_one(store)


async def test_an_end_waits_where_the_chat_asked_us_to(store: Store, clock: HandClock) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        running = await follow(uow, asked, *TO_RUNNING)
    parcel = await claim_one(store)
    await store.outbox.retry(parcel, timedelta(seconds=30), "slow down", maybe_posted=False)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        await uow.deployments.move(running, Trigger.RUN_FAILED, ADA, "")
    clock.move(29)
    assert await store.outbox.claim(10) == ()
    clock.move(1)
    assert (await claim_one(store)).attempts == 2


async def test_an_announcement_waits_for_its_card_and_for_those_before_it(store: Store) -> None:
    failed, alarm = Announce(CARD, Announcement.FAILED), Announce(CARD, Announcement.ALARM)
    await show(store, failed, alarm, ShowCard(CARD))
    card = await claim_one(store)
    assert card.effect == ShowCard(CARD)
    assert await store.outbox.claim(10) == ()
    await store.outbox.delivered(card, HERE)
    first = await claim_one(store)
    assert (first.effect, first.known) == (failed, HERE)
    assert await store.outbox.claim(10) == ()
    await store.outbox.delivered(first, Posted("C1", "1700.2"))
    second = await claim_one(store)
    assert (second.effect, second.known) == (alarm, HERE)


async def test_it_says_how_long_nothing_can_be_delivered(store: Store, clock: HandClock) -> None:
    assert await store.outbox.next_due() is None
    await show(store, ShowCard(CARD), Announce(CARD, Announcement.FAILED))
    clock.move(1)
    assert await store.outbox.next_due() == timedelta(seconds=-1)
    card = await claim_one(store)
    assert await store.outbox.next_due() == LEASE, "what waits for the card would only be looked at in vain"
    await store.outbox.delivered(card, HERE)
    await show(store, ShowCard(CARD))
    await store.outbox.delivered(await claim_one(store), None)
    assert await store.outbox.next_due() == CARD_PACE


async def test_other_cards_wait_for_nothing(store: Store) -> None:
    await show(store, Announce(CARD, Announcement.FAILED))
    await show(store, ShowCard(OTHER))
    assert (await claim_one(store)).effect == ShowCard(OTHER)


async def test_a_buried_announcement_lets_the_next_one_go(store: Store) -> None:
    await post_card(store)
    await show(store, Announce(CARD, Announcement.FAILED), Announce(CARD, Announcement.ALARM))
    await store.outbox.bury(await claim_one(store), "no such channel")
    assert (await claim_one(store)).effect == Announce(CARD, Announcement.ALARM)


async def test_a_buried_card_holds_nobody_up_and_comes_back_with_news(store: Store) -> None:
    await show(store, ShowCard(CARD), Announce(CARD, Announcement.FAILED))
    await store.outbox.bury(await claim_one(store), "no such channel")
    assert [tuple(row) for row in await rows(store, "SELECT why FROM outbox WHERE dead_at IS NOT NULL")] == [
        ("no such channel",)
    ]
    alone = await claim_one(store)
    assert (alone.effect, alone.known) == (Announce(CARD, Announcement.FAILED), None)
    await store.outbox.delivered(alone, Posted("D1", "1"))
    await show(store, ShowCard(CARD), Announce(CARD, Announcement.ALARM))
    again = await claim_one(store)
    assert (again.effect, again.attempts, again.known) == (ShowCard(CARD), 1, None)
    await store.outbox.delivered(again, HERE)
    assert (await claim_one(store)).known == HERE


async def test_what_was_refused_is_told_once(store: Store, clock: HandClock) -> None:
    tell = Tell("U1", line("The card can't be shown."))
    for _ in range(2):  # each news of the card is refused again
        await show(store, ShowCard(CARD))
        [card] = [each for each in await store.outbox.claim(10) if each.effect == ShowCard(CARD)]
        await store.outbox.bury(card, "not in channel", tell)
    clock.move(LEASE.total_seconds())
    told = await claim_one(store)
    assert (told.effect, told.known, told.workspace) == (tell, None, T1)
    await store.outbox.delivered(told, Posted("D1", "1"))
    assert await rows(store, "SELECT count(*) FROM outbox WHERE kind = 'tell'") == [(1,)]


async def test_after_an_outage_cards_go_first(store: Store, clock: HandClock) -> None:
    await show(store, Answer("U1", "C1", line("old")))
    clock.move(60)
    await show(store, ShowCard(CARD))
    assert [parcel.effect for parcel in await store.outbox.claim(1)] == [ShowCard(CARD)]


async def test_the_first_mark_outlives_later_ones(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    await store.outbox.mark_posting(await claim_one(store))
    clock.move(20 * 60)  # it was killed
    again = await mark(store)
    assert again.posting_since == NOON
    clock.move(20 * 60)  # and killed again
    again = await mark(store)
    assert again.posting_since == NOON
    await store.outbox.retry(again, timedelta(), "no answer", maybe_posted=True)
    assert (await claim_one(store)).posting_since == NOON


async def test_an_ambiguous_try_is_dated_by_its_mark_not_by_its_end(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    unmarked = await claim_one(store)
    await store.outbox.mark_posting(unmarked)
    clock.move(9)
    await store.outbox.retry(unmarked, timedelta(), "no answer", maybe_posted=True)
    assert (await claim_one(store)).posting_since == NOON


async def test_a_failure_is_as_old_as_its_first_try(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    for _ in range(3):
        await store.outbox.retry(await claim_one(store), timedelta(), "down", maybe_posted=False)
        clock.move(3600)
    parcel = await claim_one(store)
    assert (parcel.failing_since, parcel.claimed_at) == (NOON, NOON + timedelta(hours=3))
    await show(store, ShowCard(CARD))  # news: tried as long as anything else
    await store.outbox.retry(parcel, timedelta(), "down", maybe_posted=False)
    assert (await claim_one(store)).failing_since == clock.now()
    clock.move(LEASE.total_seconds())
    await store.outbox.delivered(await claim_one(store), HERE)
    await show(store, ShowCard(CARD))
    clock.move(3)
    assert (await claim_one(store)).failing_since is None


async def test_the_mark_survives_an_ambiguous_try(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    marked = await mark(store)
    assert marked.posting_since == NOON
    await store.outbox.retry(marked, timedelta(seconds=5), "no answer", maybe_posted=True)
    assert await store.outbox.claim(10) == ()
    clock.move(5)
    again = await claim_one(store)
    assert (again.posting_since, again.attempts, again.operation) == (NOON, 2, marked.operation)
    await store.outbox.retry(again, timedelta(), "refused", maybe_posted=False)
    assert (await claim_one(store)).posting_since is None


async def test_an_ambiguous_try_that_was_not_marked_is_marked_now(store: Store, clock: HandClock) -> None:
    await show(store, ShowCard(CARD))
    clock.move(1)
    await store.outbox.retry(await claim_one(store), timedelta(), "no answer", maybe_posted=True)
    assert (await claim_one(store)).posting_since == clock.now()


async def test_a_deliverer_killed_after_its_mark_leaves_the_mark(store: Store, clock: HandClock) -> None:
    await show(store, Answer("U1", "C1", Text(())))
    await store.outbox.mark_posting(await claim_one(store))
    clock.move(60)
    assert (await claim_one(store)).posting_since == NOON


async def test_a_paused_deliverer_writes_nothing_after_the_takeover(
    store: Store, database_url: str, clock: HandClock
) -> None:
    await show(store, ShowCard(CARD))
    stale = await claim_one(store)
    clock.move(61)
    async with open_store(database_url, clock, owner="two") as other:
        current = await claim_one(other)
        for late in (
            store.outbox.mark_posting(stale),
            store.outbox.delivered(stale, HERE),
            store.outbox.retry(stale, timedelta(), "", maybe_posted=False),
            store.outbox.bury(stale, ""),
        ):
            with pytest.raises(LeaseLost):
                await late
        await other.outbox.delivered(current, Posted("C1", "2"))
    await show(store, ShowCard(CARD))
    clock.move(3)
    assert (await claim_one(store)).known == Posted("C1", "2")


async def test_deliverers_share_without_overlap(store: Store, database_url: str, clock: HandClock) -> None:
    for index in range(30):
        await show(store, ShowCard(DeploymentId(f"d{index}")))
    async with open_store(database_url, clock, owner="two") as two, asyncio.TaskGroup() as tasks:
        claims = [tasks.create_task(each.outbox.claim(5)) for each in (store, two) * 3]
    ids = [parcel.id for claim in claims for parcel in claim.result()]
    assert len(ids) == len(set(ids)) >= 25


async def test_one_card_of_two_workspaces_is_two_cards(store: Store) -> None:
    await post_card(store)
    await show(store, Announce(CARD, Announcement.FAILED), workspace=T2)
    assert await store.outbox.claim(10) == ()
    await show(store, ShowCard(CARD), workspace=T2)
    parcel = await claim_one(store)
    assert (parcel.workspace, parcel.known) == (T2, None)


async def test_units_that_show_the_same_cards_never_deadlock(store: Store) -> None:
    async def burst(first: DeploymentId, second: DeploymentId) -> None:
        for _ in range(10):
            await show(store, ShowCard(first), ShowCard(second), Announce(first, Announcement.ALARM))

    async with asyncio.TaskGroup() as tasks:
        for pair in ((CARD, OTHER), (OTHER, CARD)) * 2:
            tasks.create_task(burst(*pair))
    assert await rows(store, "SELECT count(*) FROM outbox WHERE kind = 'announce'") == [(40,)]
