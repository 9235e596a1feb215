"""Background tasks: none is lost, none outlives the stop; waiting for a bell or for the time."""

from __future__ import annotations

import asyncio

import pytest

from bot.engine.clock import SystemClock, waker
from bot.engine.drain import Drain
from tests.fakes.queues import StillClock


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_loop_that_falls_over_is_started_anew(caplog: pytest.LogCaptureFixture) -> None:
    clock, starts, third = StillClock(), 0, asyncio.Event()

    async def loop() -> None:
        nonlocal starts
        starts += 1
        if starts < 3:
            raise RuntimeError(f"fall {starts}")
        third.set()
        await forever()

    drain = Drain(clock.sleep)
    drain.start("clumsy", loop)
    await asyncio.wait_for(third.wait(), 5)
    assert clock.slept == [1.0, 1.0]
    assert "clumsy fell over" in caplog.text
    assert "fall 2" in caplog.text
    assert await drain.stop()


async def test_a_loop_that_ends_is_not_started_again() -> None:
    starts = 0

    async def once() -> None:
        nonlocal starts
        starts += 1

    drain = Drain(StillClock().sleep)
    drain.start("once", once)
    await asyncio.sleep(0)
    assert await drain.stop()
    assert starts == 1


async def test_what_is_under_way_ends_before_the_stop() -> None:
    order: list[str] = []
    finish = asyncio.Event()

    async def loop() -> None:
        try:
            await forever()
        finally:
            order.append("loop ended")
            finish.set()

    async def settle() -> None:
        await finish.wait()
        order.append("settled")

    drain = Drain(StillClock().sleep)
    drain.start("worker", loop, settle)
    await asyncio.sleep(0)
    assert await drain.stop()
    assert order == ["loop ended", "settled"]


async def test_patience_ends(caplog: pytest.LogCaptureFixture) -> None:
    cut = asyncio.Event()

    async def settle() -> None:
        try:
            await forever()
        finally:
            cut.set()

    drain = Drain(StillClock().sleep)
    drain.start("stuck", forever, settle)
    assert not await asyncio.wait_for(drain.stop(patience=0.01), 5)
    assert cut.is_set()
    assert "cut off" in caplog.text


async def test_a_stop_without_work_is_quick() -> None:
    assert await Drain(StillClock().sleep).stop()


async def test_a_bell_ends_the_wait() -> None:
    rung = asyncio.Event()

    async def ring() -> None:
        await rung.wait()

    wake = waker(ring, SystemClock())
    waiting = asyncio.ensure_future(wake(3600))
    await asyncio.sleep(0)
    assert not waiting.done()
    rung.set()
    await asyncio.wait_for(waiting, 5)


async def test_so_does_the_time() -> None:
    clock = StillClock()
    await asyncio.wait_for(waker(forever, clock)(30), 5)
    assert clock.slept == [30]


async def test_a_cancelled_wait_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    waiting = asyncio.ensure_future(waker(forever, SystemClock())(3600))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == before
