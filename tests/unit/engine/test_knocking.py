"""Runs that began elsewhere and wait for us: one card each, and what expires."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.gate_runs import GateDecision, GateWord
from bot.core.identity import RepositoryRole
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.runs import RunRef, RunStatus
from bot.core.steps import Step
from bot.core.values import ActorKind
from bot.core.votes import VoteKind
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.queues import StillClock
from tests.fakes.samples import LINUS, TEAM, catalog, service
from tests.unit.engine.door import GATED, Door

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Door(store, clock)


async def test_a_run_has_one_card_however_often_it_knocks(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    await door.knock(ref)
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert (waiting.requested_by.kind, waiting.requested_by.id) == (ActorKind.ACCOUNT, "github:1")
    assert await door.store.queries.deployment(TEAM, 2) is None
    await door.votes(VoteKind.APPROVE)
    assert (await door.now()).state is State.RUNNING
    assert door.forge.told == [
        (ref.external_id, "staging", GateWord.APPROVED, "Slipway #1: approved by Ada.")
    ]
    door.forge.set_status(ref, RunStatus.SUCCESS)
    await door.settle(timedelta(minutes=1))
    assert (await door.now()).state is State.SUCCEEDED
    assert len(door.forge.told) == 1
    assert len(await door.trail("GateAnswering")) == len(await door.trail("GateAnswered")) == 1


async def test_a_knock_at_what_is_decided_keeps_nobody_waiting(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    await door.votes(VoteKind.APPROVE)
    door.clock.slept.clear()
    await door.knock(ref)
    door.forge.set_status(ref, RunStatus.SUCCESS)
    await door.knock(ref)
    assert door.clock.slept == []
    assert len(door.forge.told) == 1


async def test_the_person_behind_a_linked_account_is_the_requester(door: Door) -> None:
    async with door.world.units.begin(TEAM, Step.LINK_TURN) as uow:
        await uow.links.put(Link(LINUS.id, Account("github", "1", "linus"), door.clock.now()))
    await door.knock(await door.run())
    waiting = await door.now()
    assert (waiting.requested_by.kind, waiting.requested_by.id) == (ActorKind.PERSON, LINUS.id)


async def test_an_account_that_may_not_write_approves_no_run_of_a_stranger(door: Door) -> None:
    """It may be a second one of whoever started it, linked for this."""
    door.accounts.role = RepositoryRole.READ
    await door.knock(await door.run())
    await door.votes(VoteKind.APPROVE)
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert "Ada may not write to the repository" in waiting.note
    assert door.forge.told == []


async def test_what_nobody_decides_in_time_is_turned_away(door: Door) -> None:
    await door.knock(await door.run())
    await door.settle(timedelta(hours=4))
    assert (await door.now()).state is State.EXPIRED
    ((_, _, word, comment),) = door.forge.told
    assert word is GateWord.REJECTED
    assert "It was not approved in time" in comment


async def test_a_rejection_whose_answer_is_lost_is_not_repeated(door: Door) -> None:
    await door.knock(await door.run())
    door.forge.lose_answers = 1
    await door.votes(VoteKind.REJECT, reason="no")
    assert (await door.now()).state is State.REJECTED
    await door.settle(timedelta(minutes=5))
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


async def test_another_attempt_needs_another_approval(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    before = GateDecision("staging", GateWord.REJECTED, "torvalds")
    door.forge.decided.append(before)
    door.forge.rerun(ref)
    door.forge.wait_at(ref, "staging")
    await door.knock(ref)
    await door.settle(timedelta(minutes=2))
    assert (await door.now()).state is State.STALE
    second = await door.now(2)
    assert second.gate_run is not None
    assert (second.state, second.gate_run.attempt, second.votes) == (State.WAITING, 2, ())
    assert second.gate_run.heard == (before,)
    assert door.forge.told == []


async def test_a_workflow_that_is_not_named_is_turned_away(door: Door) -> None:
    await door.knock(await door.run("other.yml"))
    refused = await door.now()
    assert refused.state is State.REFUSED
    assert "other.yml may not deploy to staging" in refused.note
    assert [word for _, _, word, _ in door.forge.told] == [GateWord.REJECTED]


async def test_what_the_catalog_does_not_take_stays_shut_and_is_on_record(door: Door) -> None:
    door.catalog = catalog()
    await door.knock(await door.run())
    assert await door.store.queries.deployment(TEAM, 1) is None
    assert door.forge.told == []
    (ignored,) = await door.trail("GateCallIgnored")
    assert "no `start: gate`" in str(ignored.facts["why"])


async def test_a_card_does_not_stand_where_other_organisations_read_it(door: Door) -> None:
    door.channels.shared = frozenset({"#api-deploys"})
    ref = await door.run()
    await door.knock(ref)
    assert await door.store.queries.deployment(TEAM, 1) is None
    (ignored,) = await door.trail("GateCallIgnored")
    assert "#api-deploys is shared with people of other organisations" in str(ignored.facts["why"])
    (api,) = door.catalog.services
    door.catalog = catalog(replace(api, external=True))
    await door.knock(ref)
    assert (await door.now()).state is State.WAITING


async def test_a_gate_that_two_services_share_stays_shut(door: Door) -> None:
    staging = Environment("staging", GATED)
    door.catalog = catalog(service("api", staging), service("web", staging))
    await door.knock(await door.run())
    assert await door.store.queries.deployment(TEAM, 1) is None
    (ignored,) = await door.trail("GateCallIgnored")
    assert "share this gate" in str(ignored.facts["why"])


async def test_a_reviewer_at_the_code_host_opens_nothing_here(door: Door) -> None:
    await door.knock(await door.run())
    door.forge.decided.append(GateDecision("staging", GateWord.APPROVED, "torvalds"))
    await door.settle(timedelta(minutes=2))
    waiting = await door.now()
    assert waiting.state is State.WAITING
    assert "torvalds approved it; that does not count here" in waiting.note
    assert door.forge.told == []


async def test_what_goes_on_without_us_ends_the_card(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    door.forge.barred.clear()
    door.forge.set_status(ref, RunStatus.RUNNING)
    await door.settle(timedelta(minutes=2))
    stale = await door.now()
    assert stale.state is State.BYPASSED
    assert "Decided at the code host, not here" in stale.note
    assert door.forge.told == []


async def test_capitals_of_a_repository_make_no_difference(door: Door) -> None:
    ref = await door.run()
    await door.knock(replace(ref, repository="Acme/API"))
    await door.knock(ref)
    assert (await door.now()).state is State.WAITING
    assert await door.store.queries.deployment(TEAM, 2) is None


async def test_a_repository_that_the_catalog_does_not_have_is_not_asked(door: Door) -> None:
    await door.knock(RunRef("github", "acme/other", "1"))
    (ignored,) = await door.trail("GateCallIgnored")
    assert ignored.facts["repository"] == "acme/other"


async def test_a_knock_of_nobody_is_nothing(door: Door) -> None:
    await door.knock(RunRef("github", "acme/api", "4711"))
    await door.knock(await door.run(), "production")
    assert await door.store.queries.deployment(TEAM, 1) is None
