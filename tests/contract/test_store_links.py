"""Linked accounts in the store, on both databases: one account, one person, whatever happens at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.linked import LinkedDirectory
from bot.app.teams import TeamMemory
from bot.core.linking import Account, Displaced, Link, LinkAttempt, LinkState
from bot.core.steps import Step
from bot.store.store import Store
from tests.contract.store_support import ADA, NOON, T1, T2, HandClock, open_store
from tests.fakes.chat import FakeDirectory
from tests.fakes.samples import ADA as ADA_KNOWN

ACCOUNT = Account("github", "7", "ada")
LINK = Link("U1", ACCOUNT, NOON)
ATTEMPT = LinkAttempt("a1", ADA, "hash", NOON)


async def put(store: Store, link: Link, workspace: str = T1) -> Displaced:
    async with store.units.begin(workspace, Step.LINK_TURN) as uow:
        return await uow.links.put(link)


async def test_a_link_is_found_again_in_its_workspace_only(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        assert await put(store, LINK) == Displaced()
        assert await store.links.of(T1, "U1") == LINK
        assert await store.links.of(T2, "U1") is None
        assert await put(store, replace(LINK, person="U2"), T2) == Displaced()
        assert await store.links.of(T1, "U1") == LINK


async def test_an_account_moves_to_whoever_proved_it_last(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        await put(store, LINK)
        await put(store, Link("U2", Account("github", "8", "bo"), NOON))
        moved = await put(store, replace(LINK, person="U2"))
        assert moved == Displaced("U1", Account("github", "8", "bo"))
        assert await store.links.of(T1, "U1") is None
        assert await store.links.of(T1, "U2") == replace(LINK, person="U2")


async def test_the_same_account_proven_again_keeps_its_age_and_takes_its_new_login(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        await put(store, LINK)
        later = Link("U1", replace(ACCOUNT, login="ada-byron"), NOON + timedelta(days=9))
        assert await put(store, later) == Displaced()
        assert await store.links.of(T1, "U1") == replace(later, linked_at=NOON)


async def test_two_who_prove_one_account_at_once_come_one_after_the_other(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        people = [f"U{number}" for number in range(8)]
        moved = await asyncio.gather(*(put(store, replace(LINK, person=each)) for each in people))
        holders = [each for each in people if await store.links.of(T1, each)]
        assert len(holders) == 1
        assert {each.holder for each in moved} == {"", *people} - set(holders)


async def test_a_link_can_be_undone_and_confirmed(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        await put(store, LINK)
        async with store.units.begin(T1, Step.LINK_TURN) as uow:
            assert await uow.links.confirm("U1", "8", "U9") is None, "another account"
            assert await uow.links.confirm("U1", "7", "U9") == replace(LINK, confirmed=True)
            assert await uow.links.confirm("U2", "7", "U9") is None
            assert await uow.links.drop("U2") is None
            assert await uow.links.drop("U1") == replace(LINK, confirmed=True)
        assert await store.links.of(T1, "U1") is None


async def test_an_attempt_is_kept_and_a_newer_one_ends_it(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        signed_in = replace(ATTEMPT, state=LinkState.CONFIRMING, browser_hash="b", account=ACCOUNT, tries=2)
        async with store.units.begin(T1, Step.LINK_TURN) as uow:
            await uow.links.ask(ATTEMPT)
            assert await uow.links.attempt("a1") == ATTEMPT
            await uow.links.save(signed_in)
        assert await store.links.attempt(T1, "a1") == signed_in
        assert await store.links.attempt_by_secret(T1, "hash") == signed_in
        assert await store.links.attempt_by_secret(T2, "hash") is None
        async with store.units.begin(T1, Step.LINK_TURN) as uow:
            await uow.links.ask(replace(ATTEMPT, id="a2", secret_hash="other"))
        assert await store.links.attempt(T1, "a1") == replace(signed_in, state=LinkState.ENDED)


async def test_attempts_of_another_day_are_forgotten(database_url: str) -> None:
    clock = HandClock()
    async with open_store(database_url, clock) as store:
        async with store.units.begin(T1, Step.LINK_TURN) as uow:
            await uow.links.ask(replace(ATTEMPT, asked_at=uow.now))
        assert await store.links.purge() == 0
        clock.move(25 * 3600)
        assert await store.links.purge() == 1
        assert await store.links.attempt(T1, "a1") is None


@pytest.mark.parametrize("confirmed", [False, True])
async def test_the_directory_knows_the_account_and_takes_no_name_for_one(
    database_url: str, confirmed: bool
) -> None:
    async with open_store(database_url, HandClock()) as store:
        outside = FakeDirectory()
        outside.people[ADA_KNOWN.id] = replace(ADA_KNOWN, login="guessed", linked_at=NOON)
        directory = LinkedDirectory(outside, store.links, TeamMemory(None, lambda: (), HandClock().now))
        unlinked = await directory.person(T1, ADA_KNOWN.id)
        assert (unlinked.login, unlinked.linked_at, unlinked.account_id) == (None, None, None)
        async with store.units.begin(T1, Step.LINK_TURN) as uow:
            await uow.links.put(replace(LINK, person=ADA_KNOWN.id))
            if confirmed:
                await uow.links.confirm(ADA_KNOWN.id, "7", "U9")
        fresh = await directory.person(T1, ADA_KNOWN.id, fresh=True)
        for linked in (fresh, await directory.known(T1, ADA_KNOWN.id)):
            assert linked is not None
            found = (linked.login, linked.account_id, linked.linked_at, linked.link_confirmed)
            assert found == ("ada", "7", NOON, confirmed)


async def test_the_holder_of_an_account_is_known_by_its_number(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        await put(store, LINK)
        assert await store.links.holder(T1, "github", "7") == LINK
        assert await store.links.holder(T1, "github", "ada") is None
        assert await store.links.holder(T1, "gitlab", "7") is None
        assert await store.links.holder(T2, "github", "7") is None
