"""Channels that ask for it get one card of a run that nobody asked us for, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.core.catalog import Catalog
from bot.core.effects import Effect, Posted, ShowRun, Summary, TellRun
from bot.core.following import About, RunChange, RunReading, RunRecord, changes
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.subscriptions import Filter, FixedSubscription, Topic, made
from bot.engine.hearing import hear_of_run
from bot.store.outbox import CARD_PACE
from bot.store.store import Store
from bot.store.tables import outbox
from tests.contract.store_support import ADA, NOON, T1, T2, HandClock, open_store, run
from tests.fakes.samples import SRE, catalog, service

FIXED = (FixedSubscription("#fixed", made(["vault"])), FixedSubscription("#named", made(["api"])))
OPEN = catalog(service(), service("web"))
KNOWN = replace(catalog(service(), service("vault", visible_to=(SRE,))), subscriptions=FIXED)
ABOUT = About("CI", ".github/workflows/ci.yml", "main", "push", "grace", 7, "Add refunds")
RUN = replace(run(), ended_at=None, status=RunStatus.RUNNING)
FAILED = replace(RUN, status=RunStatus.FAILURE, ended_at=NOON)


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[Store]:
    async with open_store(database_url, clock, budget=lambda: 2) as opened:
        yield opened


async def subscribe(store: Store, channel: str, filter: Filter, name: str = "", workspace: str = T1) -> None:
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        await uow.subscriptions.put(channel, name, filter, ADA)


async def heard(
    store: Store, *, known: Catalog = OPEN, changed: tuple[RunChange, ...] = (RunChange.FAILED,)
) -> set[Effect]:
    """What these changes put into the outbox."""
    record = RunRecord(FAILED, ABOUT, NOON, NOON)
    async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
        await hear_of_run(known, uow, record, changed)
        return {each.effect for each in uow._effects}


async def test_each_channel_that_asks_for_it_gets_one_card_and_what_must_be_heard(store: Store) -> None:
    await subscribe(store, "C1", made(["api"]))
    await subscribe(store, "C1", made(["web"], branches=["main"]))  # it is of both
    await subscribe(store, "C2", made(["api"], ["staging"]))
    await subscribe(store, "C3", made(["api"], topics=[Topic.SUCCESS]))
    await subscribe(store, "C4", made(["api"], branches=["release/*"]))
    await subscribe(store, "C5", made(topics=Topic))
    await subscribe(store, "C7", made(["api"], workflows=["nightly"]))
    await subscribe(store, "C8", made(["api"], branches=["main"], workflows=["ci"]))
    await subscribe(store, "C6", made(["api"]), workspace=T2)
    failed = {TellRun(RUN.ref, 1, RunChange.FAILED, each) for each in ("C1", "C5", "C8")}
    assert await heard(store) == {ShowRun(RUN.ref, each) for each in ("C1", "C5", "C8")} | failed
    assert await heard(store, changed=(RunChange.STARTED,)) == {ShowRun(RUN.ref, "C5")}
    assert await heard(store, changed=(RunChange.SKIPPED,)) == set()


async def test_a_hidden_service_is_heard_where_the_catalog_names_it(store: Store) -> None:
    await subscribe(store, "C1", made(["vault"]))
    await subscribe(store, "C2", made(["api"]), "#named")
    found = await heard(store, known=KNOWN)
    assert {each.channel for each in found if isinstance(each, ShowRun)} == {"#fixed", "C2"}
    assert await heard(store, known=Catalog()) == set(), "its repository has left the catalog"


async def test_one_that_is_off_is_silent(store: Store) -> None:
    await subscribe(store, "C1", made())
    async with store.units.begin(T1, Step.CLOSE_CHANNEL) as uow:
        await uow.subscriptions.switch_off("C1", "it was archived")
    assert await heard(store) == set()


async def test_a_channel_that_was_closed_takes_nothing_from_the_new_one_of_its_name(store: Store) -> None:
    await subscribe(store, "COLD", made(["api"]), "#named")
    async with store.units.begin(T1, Step.CLOSE_CHANNEL) as uow:
        await uow.subscriptions.switch_off("COLD", "it was archived")
    found = await heard(store, known=KNOWN)
    assert {each.channel for each in found if isinstance(each, ShowRun)} == {"#fixed", "#named"}


async def shows(store: Store, *effects: ShowRun | TellRun) -> None:
    async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
        for each in effects:
            await uow.show(each)


async def delivers(store: Store) -> list[Effect]:
    """Whatever may be said now is said."""
    found: list[Effect] = []
    while parcels := await store.outbox.claim(1):
        (parcel,) = parcels
        marked = parcel if parcel.known else await store.outbox.mark_posting(parcel)
        if marked is not None:
            await store.outbox.delivered(marked, parcel.known or Posted("C1", str(len(found) + 1)))
            found.append(parcel.effect)
    return found


CARD, SAID = ShowRun(RUN.ref, "C1"), TellRun(RUN.ref, 1, RunChange.FAILED, "C1")


async def test_a_burst_is_one_edit_of_one_card_and_replies_follow_it(store: Store, clock: HandClock) -> None:
    await shows(store, SAID, CARD)
    assert await delivers(store) == [CARD, SAID]
    for _ in range(3):
        await shows(store, CARD)
        await shows(store, ShowRun(RUN.ref))
    assert await delivers(store) == [], "edits keep a pace"
    clock.move(CARD_PACE.total_seconds())
    (parcel,) = await store.outbox.claim(5)
    assert (parcel.effect, parcel.known) == (CARD, Posted("C1", "1"))
    await store.outbox.delivered(parcel, parcel.known)
    clock.move(60)
    assert await delivers(store) == []


async def test_where_no_card_stands_nothing_follows(store: Store, clock: HandClock) -> None:
    await shows(store, ShowRun(RUN.ref))
    assert await delivers(store) == []
    await shows(store, CARD)
    await delivers(store)
    clock.move(60)
    await shows(store, ShowRun(replace(RUN.ref, external_id="8")))
    assert await delivers(store) == []


async def test_what_is_too_much_is_summed_up(store: Store, clock: HandClock) -> None:
    others = [replace(RUN.ref, external_id=str(each)) for each in (1, 2, 3)]
    for ref in others:
        await shows(store, ShowRun(ref, "C1"))
        await delivers(store)
    await shows(store, TellRun(others[2], 1, RunChange.FAILED, "C1"))
    assert await delivers(store) == []
    clock.move(70)
    (told,) = await delivers(store)
    assert isinstance(told, Summary)
    held = (ShowRun(others[2], "C1"), TellRun(others[2], 1, RunChange.FAILED, "C1"))
    assert told == Summary("C1", held)


async def test_what_was_given_up_is_listed_and_tried_again(store: Store) -> None:
    await shows(store, CARD, SAID)
    async with store.database.write() as connection:
        given_up = update(outbox).values(dead_at=NOON, why="Slack was down")
        await connection.execute(given_up)
    what = {each.what for each in await store.dead_letters.all(9)}
    assert what == {"the card of run 77 of acme/api", "“failed” in the thread of run 77 of acme/api"}
    assert await store.dead_letters.revive() == 2
    assert await delivers(store) == [CARD, SAID]


async def test_nothing_is_heard_of_what_was_not_committed(store: Store) -> None:
    await subscribe(store, "C1", made())
    record = RunRecord(FAILED, ABOUT, NOON, NOON)
    with pytest.raises(ZeroDivisionError):
        async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
            await uow.runs.describe(RunReading(FAILED, ABOUT, NOON), NOON)
            await hear_of_run(OPEN, uow, record, changes(None, record))
            raise ZeroDivisionError
    async with store.database.read() as connection:
        assert (await connection.execute(select(outbox))).all() == []


async def test_what_a_card_shows_of_its_commit_and_author_is_kept(store: Store) -> None:
    about = replace(ABOUT, actor_id="42", commit_url="https://code/commit/a", ours=True)
    async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
        await uow.runs.describe(RunReading(RUN, ABOUT, NOON), NOON)
        await uow.runs.describe(RunReading(RUN, about, NOON), NOON + timedelta(seconds=1))
    (record,) = await store.runs.attempts(T1, RUN.ref)
    assert record.about == about
