"""Our own run at the gate of its environment: answered at once, once, and only while nothing has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.archive import Extent, TrailWish
from bot.core.gate_runs import AnswerState, GateWord
from bot.core.lifecycle import State
from bot.core.records import Lease
from bot.core.runs import RunStatus
from bot.engine import knocking
from bot.engine.again import NEVER
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.queues import StillClock
from tests.fakes.samples import TEAM
from tests.unit.engine.test_dispatching import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Desk(store, clock)


async def started(desk: Desk, gate: str = "staging") -> Lease:
    lease = await desk.asked()
    await desk.looks(lease)
    desk.forge.wait_at(desk.run.run.ref, gate)
    return lease


async def answers(desk: Desk) -> list[str]:
    """What the trail says of answers."""
    wish = TrailWish(Extent(frozenset({("api", "staging")}), elsewhere=False), deployment=1)
    page = await desk.store.archive.trail(TEAM, wish)
    events = [each.event for each in reversed(page.rows)]
    return [each for each in events if each in ("GateAnswering", "GateAnswered")]


async def test_it_is_let_through_once_and_the_trail_says_so(desk: Desk) -> None:
    lease = await started(desk)
    await desk.looks(lease)
    ((_, gate, word, comment),) = desk.forge.told
    assert (gate, word) == ("staging", GateWord.APPROVED)
    assert comment == "Slipway #1: asked for by Ada; nobody has to approve it."
    now = await desk.now()
    assert now.state is State.RUNNING
    assert now.gate_answer is not None
    assert now.gate_answer.state is AnswerState.GIVEN
    desk.forge.set_status(desk.run.run.ref, RunStatus.WAITING)  # at another gate, say
    await desk.looks(lease)
    assert len(desk.forge.told) == 1
    assert await answers(desk) == ["GateAnswering", "GateAnswered"]


async def test_the_next_job_at_the_same_gate_is_let_through_as_well(desk: Desk) -> None:
    """Each asks for itself, and an approval covers the whole attempt."""
    lease = await started(desk)
    await desk.looks(lease)
    desk.forge.wait_at(desk.run.run.ref, "staging")
    await desk.looks(lease, timedelta(minutes=1))
    assert [word for _, _, word, _ in desk.forge.told] == [GateWord.APPROVED] * 2
    assert await answers(desk) == ["GateAnswering", "GateAnswered"] * 2
    await desk.looks(lease, timedelta(minutes=1))
    assert len(desk.forge.told) == 2


async def test_an_answer_that_is_lost_is_given_no_second_time(desk: Desk) -> None:
    lease = await started(desk)
    desk.forge.lose_answers = 1
    await desk.looks(lease)
    now = await desk.now()
    assert now.gate_answer is not None
    assert now.gate_answer.state is AnswerState.SENT
    desk.forge.set_status(desk.run.run.ref, RunStatus.SUCCESS)
    await desk.looks(lease)
    assert (await desk.now()).state is State.SUCCEEDED
    assert len(desk.forge.told) == 1


async def test_what_dies_before_the_call_is_sent_by_the_next_look(desk: Desk) -> None:
    lease = await started(desk)
    desk.forge.down = True
    await desk.looks(lease)
    assert desk.forge.told == []
    desk.forge.down = False
    await desk.looks(lease, timedelta(minutes=1))
    assert len(desk.forge.told) == 1
    assert await answers(desk) == ["GateAnswering", "GateAnswered"]


async def test_a_run_of_ours_that_is_not_known_yet_gets_no_card_of_its_own(desk: Desk) -> None:
    desk.whims.loses = desk.forge.hide_new_runs = True
    lease = await desk.asked()
    await desk.looks(lease)
    assert (await desk.now()).run is None
    ref = desk.run.run.ref
    desk.run.hidden = False
    desk.forge.wait_at(ref, "staging")
    call = Lease(TEAM, knocking.key(ref, "staging"), 1, "one")
    assert await knocking.look(desk.world, call) == NEVER
    await desk.looks(lease)
    assert [word for _, _, word, _ in desk.forge.told] == [GateWord.APPROVED]
    assert await desk.store.queries.deployment(TEAM, 2) is None


async def test_a_run_at_another_gate_is_not_let_through(desk: Desk) -> None:
    lease = await started(desk, "production")
    await desk.looks(lease)
    assert desk.forge.told == []
    assert await answers(desk) == []


async def test_an_approval_covers_one_attempt(desk: Desk) -> None:
    lease = await started(desk)
    desk.forge.rerun(desk.run.run.ref)
    desk.forge.wait_at(desk.run.run.ref, "staging")
    await desk.looks(lease)
    assert desk.forge.told == []
    assert (await desk.now()).state is State.FAILED


async def test_a_run_of_another_commit_is_cancelled_and_not_let_through(desk: Desk) -> None:
    lease = await started(desk)
    other = next(sha for sha in desk.forge.git.nodes if sha != desk.run.run.head_sha)
    desk.run.run = type(desk.run.run)(
        desk.run.run.ref, 1, RunStatus.WAITING, other, "", "", "waiting", desk.run.run.stages
    )
    await desk.looks(lease)
    assert desk.forge.told == []
    assert (await desk.now()).state in (State.CANCELLING, State.CANCELLED)


async def test_a_cancelled_deployment_lets_nothing_through(desk: Desk) -> None:
    lease = await started(desk)
    await desk.cancels()
    await desk.looks(lease)
    await desk.looks(lease)
    assert desk.forge.told == []
    assert (await desk.now()).state is State.CANCELLED
