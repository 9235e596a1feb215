"""A run that waits, asked for in the chat as well: one word for it, whoever asks, and none for its twin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.effects import Announce, Announcement, Posted
from bot.core.gate_runs import GateWord
from bot.core.gatekeeping import gate_run_of
from bot.core.intents import AskDeployment, CastVote
from bot.core.lifecycle import State
from bot.core.resolving import resolve, standing
from bot.core.rules import Right, Rights
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.values import Action, Place
from bot.core.votes import VoteKind
from bot.core.waiting_runs import WaitingRun
from bot.engine.intents import Asker, apply
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.queues import StillClock
from tests.fakes.samples import LINUS, SRE, TEAM, actor, catalog, service, wish
from tests.unit.engine.door import GATED, VOTER, Door

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
FREE = replace(GATED, approvals=replace(GATED.approvals, rules=()))


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Door(store, clock)


async def asks(door: Door, ref: RunRef | None, *, emergency: bool = False) -> None:
    """Somebody asks for what waits; without a run, while the code host did not answer."""
    asker = VOTER if emergency else LINUS
    wanted = wish(inputs=(), emergency=emergency)
    resolution = waits = None
    if ref is not None:
        found, place = door.world.entry(wanted)
        stands = await standing(door.store.queries, TEAM, found, place)
        resolution = await resolve(door.forge.code, found, place, wanted, stands)
        view = await door.forge.ci.gates(ref)
        assert view is not None
        waits = WaitingRun(gate_run_of(view, "staging"), view.run)
    intent = AskDeployment(wanted, resolution, "#api-deploys", waits=waits)
    async with door.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await apply(uow, intent, Asker(actor(asker), Place("C1")), door.catalog)
    await door.settle()


async def approves(door: Door, number: int) -> None:
    intent = CastVote(number, (await door.now(number)).digest or "", VoteKind.APPROVE, VOTER)
    async with door.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await apply(uow, intent, Asker(actor(VOTER), Place("C1")), door.catalog)
    await door.settle()


def words(door: Door) -> list[GateWord]:
    return [word for _, _, word, _ in door.forge.told]


async def rang(door: Door) -> set[Announcement]:
    found = set()
    while parcels := await door.store.outbox.claim(50):
        for parcel in parcels:
            await door.store.outbox.delivered(parcel, Posted("C1", "1.1"))
            found |= {parcel.effect.what} if isinstance(parcel.effect, Announce) else set()
    return found


async def test_what_was_asked_for_during_an_outage_finds_its_run_afterwards(door: Door) -> None:
    ref = await door.run()
    door.forge.down = True
    await asks(door, None)
    assert (await door.now()).state is State.REQUESTED
    door.forge.down = False
    await door.settle(timedelta(minutes=1))
    waiting = await door.now()
    assert (waiting.state, waiting.action) == (State.WAITING, Action.ANSWER_GATE)
    assert waiting.gate_run is not None
    assert waiting.gate_run.ref == ref
    await approves(door, 1)
    assert (await door.now()).state is State.RUNNING
    assert words(door) == [GateWord.APPROVED]
    await door.knock(ref)
    assert await door.store.queries.deployment(TEAM, 2) is None


async def test_without_a_run_the_card_says_what_would_make_one(door: Door) -> None:
    await asks(door, None)
    refused = await door.now()
    assert refused.state is State.REFUSED
    assert "waits at the gate of staging" in refused.note
    assert "deploy.yml is started by a person at the code host" in refused.note


async def test_of_two_cards_the_older_one_answers_and_the_run_waits_on(door: Door) -> None:
    ref = await door.run()
    await door.knock(ref)
    await asks(door, ref)
    twin = await door.now(2)
    assert (twin.state, twin.note) == (State.SUPERSEDED, "#1 is about the same run, and answers for it.")
    await door.settle(timedelta(minutes=1))
    assert door.forge.told == []
    await approves(door, 1)
    assert (await door.now()).state is State.RUNNING
    assert words(door) == [GateWord.APPROVED]


async def test_an_emergency_lets_it_in_and_its_older_card_gives_way_without_an_alarm(door: Door) -> None:
    rules = replace(GATED, rights=Rights(((Right.EMERGENCY, (SRE,)),)))
    door.catalog = catalog(service("api", Environment("staging", rules), channel="#api-deploys"))
    ref = await door.run()
    await door.knock(ref)
    await asks(door, ref, emergency=True)
    await door.settle(timedelta(minutes=1))
    assert (await door.now(2)).state is State.RUNNING
    older = await door.now(1)
    assert (older.state, older.note) == (
        State.SUPERSEDED,
        "#2 is about the same run, and answers for it.",
    )
    assert words(door) == [GateWord.APPROVED]
    assert Announcement.BYPASSED not in await rang(door)


async def test_where_nobody_has_to_approve_whoever_may_deploy_lets_it_in(door: Door) -> None:
    door.catalog = catalog(service("api", Environment("staging", FREE), channel="#api-deploys"))
    await asks(door, await door.run())
    assert (await door.now()).state is State.RUNNING
    assert door.forge.told[0][3] == "Slipway #1: asked for by Linus; nobody has to approve it."
