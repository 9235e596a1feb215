"""The inbox worker: people's deliveries first, one bad one stops nobody, and none is tried for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.core.errors import Bug, LeaseLost, Transient
from bot.core.records import Delivery, Lane, Source
from bot.engine.inbox import LONGEST, PAUSES, TRIES, Handler, InboxWorker
from bot.store.database import LEASE
from tests.fakes.queues import Bell, FakeInbox, delivery


class Handlers:
    """Remembers who came, and fails as told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.handled: list[str] = []
        self.error = error
        self.at_once = self.most = 0

    async def __call__(self, delivery: Delivery) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.handled.append(delivery.id)
        if self.error is not None:
            raise self.error


async def work(
    inbox: FakeInbox, handler: Handler | None, busy: Callable[[], bool] = lambda: False, parallel: int = 8
) -> None:
    """Let the worker run until nothing waits."""
    bell = Bell()
    handlers = {Source.SLACK: handler} if handler else {}
    worker = InboxWorker(inbox, handlers, bell, busy, parallel)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()


async def test_people_go_ahead_of_machines() -> None:
    handler = Handlers()
    await work(FakeInbox([delivery("event", Lane.EVENTS), delivery("click")]), handler, parallel=1)
    assert handler.handled == ["click", "event"]


async def test_one_at_a_time_while_receipts_wait() -> None:
    inbox, handler = FakeInbox([delivery(str(number)) for number in range(6)]), Handlers()
    await work(inbox, handler, busy=lambda: True)
    assert (handler.most, len(handler.handled)) == (1, 6)


async def test_several_at_a_time_otherwise() -> None:
    inbox, handler = FakeInbox([delivery(str(number)) for number in range(6)]), Handlers()
    await work(inbox, handler, parallel=3)
    assert (handler.most, len(handler.handled)) == (3, 6)


@pytest.mark.parametrize("attempts", range(1, TRIES))
async def test_a_failure_is_given_back_with_a_growing_pause(attempts: int) -> None:
    inbox = FakeInbox([delivery(attempts=attempts)])
    await work(inbox, Handlers(Transient("the database is down.")))
    ((_, after, why),) = inbox.given_back
    assert after == PAUSES[attempts - 1]
    assert "Transient (reference " in why
    assert list(PAUSES) == sorted(PAUSES)


async def test_after_many_tries_it_is_buried_and_the_log_names_it(caplog: pytest.LogCaptureFixture) -> None:
    inbox = FakeInbox([delivery(attempts=TRIES)])
    await work(inbox, Handlers(Bug("ours")))
    assert inbox.given_back == []
    assert "Bug (reference " in inbox.buried[0][1]
    assert "delivery d1 (slack command) is given up" in caplog.text


async def test_the_details_stay_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    inbox = FakeInbox([delivery()])
    await work(inbox, Handlers(Bug("a token was 123")))
    assert "123" not in inbox.given_back[0][2]
    reference = inbox.given_back[0][2].split("reference ")[1].rstrip(")")
    assert reference in caplog.text


async def test_a_bad_one_stops_nobody() -> None:
    inbox = FakeInbox([delivery("bad"), delivery("good")])

    async def handle(found: Delivery) -> None:
        if found.id == "bad":
            raise KeyError("team")
        await good(found)

    good = Handlers()
    await work(inbox, handle)
    assert good.handled == ["good"]
    assert [id for id, _, _ in inbox.given_back] == ["bad"]


async def test_a_lost_lease_is_dropped_in_silence() -> None:
    inbox = FakeInbox([delivery()])
    await work(inbox, Handlers(LeaseLost("d1")))
    assert (inbox.given_back, inbox.buried) == ([], [])


async def test_what_nobody_understands_is_kept_for_the_operators() -> None:
    inbox = FakeInbox([delivery()])
    await work(inbox, None)
    assert inbox.buried == [("d1", "nobody understands slack")]


@pytest.mark.parametrize("error", [Transient("down."), LeaseLost("d1")])
async def test_a_store_that_is_down_lets_the_lease_run_out(error: Exception) -> None:
    inbox = FakeInbox([delivery("d1"), delivery("d2")], return_fails=error)
    handler = Handlers(Bug("ours"))
    await work(inbox, handler)
    assert sorted(handler.handled) == ["d1", "d2"]


async def test_the_bell_starts_the_next_claim() -> None:
    inbox, handler, bell = FakeInbox([delivery()], claim_fails=[Transient("down.")]), Handlers(), Bell(2)
    worker = InboxWorker(inbox, {Source.SLACK: handler}, bell)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()
    assert handler.handled == ["d1"]


async def test_a_claim_that_fails_waits_for_the_bell() -> None:
    inbox, handler = FakeInbox([delivery()], claim_fails=[Transient("down.")]), Handlers()
    await work(inbox, handler)
    assert handler.handled == []
    assert len(inbox.waiting) == 1


def test_the_pauses_end_within_a_day() -> None:
    assert sum(PAUSES, timedelta()) < timedelta(days=1)


async def test_what_hangs_is_cut_off_before_its_lease_ends() -> None:
    inbox, bell = FakeInbox([delivery()]), Bell()

    async def hang(_: Delivery) -> None:
        await asyncio.Event().wait()

    worker = InboxWorker(inbox, {Source.SLACK: hang}, bell, longest=0.01)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    async with asyncio.timeout(5):
        await worker.settle()
    assert "TimeoutError" in inbox.given_back[0][2]
    assert LEASE.total_seconds() > LONGEST


async def test_what_was_begun_too_often_is_not_begun_again(caplog: pytest.LogCaptureFixture) -> None:
    """A delivery that kills its process comes back with each new one."""
    inbox, handler = FakeInbox([delivery(attempts=TRIES + 1)]), Handlers()
    await work(inbox, handler)
    assert handler.handled == []
    assert inbox.buried == [("d1", f"it was begun {TRIES} times and never ended")]
    assert "delivery d1 (slack command) is given up" in caplog.text
