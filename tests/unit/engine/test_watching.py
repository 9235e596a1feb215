"""Watchdogs over a real database: told once, to the right people, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta

from bot.core.effects import Announcement
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.records import Lease
from bot.core.runs import RunRef, RunStatus
from bot.core.watchdogs import NOTHING_AFTER
from bot.engine.world import work_key
from tests.fakes.samples import wish
from tests.unit.engine.test_dispatching import Desk, desk

__all__ = ["desk"]


async def test_a_run_that_stays_in_the_queue_is_told_once(desk: Desk) -> None:
    lease = await desk.asked()
    await desk.looks(lease)
    desk.forge.set_status(desk.run.run.ref, RunStatus.QUEUED)
    await desk.looks(lease, timedelta(seconds=30))
    assert Announcement.NOTHING_STARTED not in await desk.rang()
    await desk.looks(lease, NOTHING_AFTER)
    await desk.looks(lease, NOTHING_AFTER)
    assert (await desk.rang()).count(Announcement.NOTHING_STARTED) == 1
    assert (await desk.now()).state is State.RUNNING, "it only tells"


async def test_a_run_that_nobody_can_find_is_told_before_it_is_asked_for(desk: Desk) -> None:
    desk.whims.loses = desk.forge.hide_new_runs = True
    lease = await desk.asked()
    await desk.looks(lease)
    await desk.looks(lease, NOTHING_AFTER)
    assert await desk.rang() == [Announcement.NOTHING_STARTED]
    assert (await desk.now()).state is State.DISPATCHING


async def begun(desk: Desk, number: int) -> tuple[Lease, RunRef]:
    """One more deployment, with its run under way."""
    await desk.says(AskDeployment(wish(inputs=()), None, "#api-deploys"))
    key = work_key((await desk.now(number)).id)
    (lease,) = [each for each in await desk.world.queue.claim(10) if each.key == key]
    await desk.looks(lease)
    ref = max(desk.forge.runs.values(), key=lambda each: each.created_at).run.ref
    desk.forge.set_status(ref, RunStatus.RUNNING)
    return lease, ref


async def test_a_run_that_takes_thrice_its_usual_time_is_told_to_the_owners(desk: Desk) -> None:
    for number in (1, 2, 3):
        lease, ref = await begun(desk, number)
        desk.clock.time += timedelta(minutes=4)
        desk.forge.set_status(ref, RunStatus.SUCCESS)
        await desk.looks(lease)
        assert (await desk.now(number)).state is State.SUCCEEDED
    await desk.rang()
    lease, _ = await begun(desk, 4)
    await desk.looks(lease, timedelta(minutes=11))
    assert Announcement.STUCK not in await desk.rang()
    await desk.looks(lease, timedelta(minutes=2))
    await desk.looks(lease, timedelta(minutes=2))
    assert (await desk.rang()).count(Announcement.STUCK) == 1
    (bark,) = (await desk.now(4)).barks
    assert bark.why == "Its run has taken 13m so far; it usually takes 4m."
