"""The outbox relay: marked before and after, looked for before a repeat, given up in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.effects import Announce, Announcement, Answer, Effect, Posted, ShowCard, TellRun
from bot.core.errors import (
    Ambiguous,
    Bug,
    CardGone,
    ChannelClosed,
    HistoryClosed,
    LeaseLost,
    NeedsHuman,
    Transient,
    Unanswered,
)
from bot.core.following import RunChange
from bot.core.records import Parcel
from bot.core.runs import RunRef
from bot.core.text import line
from bot.core.values import DeploymentId
from bot.engine.outbox import GIVE_UP_AFTER, LONGEST, LONGEST_PAUSE, SETTLE, TRIES, OutboxRelay
from bot.store.database import LEASE
from tests.fakes.queues import Bell, FakeMessenger, FakeOutbox, StillClock, parcel
from tests.fakes.samples import NOON, TEAM

STANDS = Posted("C1", "9.9")
HEARD = ShowCard(DeploymentId("one"), "C2")
ANNOUNCE = Announce(DeploymentId("one"), Announcement.FAILED)


async def relay(
    outbox: FakeOutbox, messenger: FakeMessenger, parallel: int = 8, rings: int = 0
) -> StillClock:
    """Let the relay work until nothing waits."""
    clock, bell = StillClock(), Bell(rings)
    worker = OutboxRelay(outbox, messenger, clock, bell, parallel)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()
    return clock


async def deliver(
    found: Parcel, *answers: Exception | Posted | None, stands: Posted | Exception | None = None
) -> tuple[FakeOutbox, FakeMessenger]:
    outbox, messenger = FakeOutbox([found]), FakeMessenger(list(answers), stands)
    await relay(outbox, messenger)
    return outbox, messenger


async def test_a_new_card_is_marked_then_posted() -> None:
    outbox, messenger = await deliver(parcel())
    assert outbox.told == ["mark p1", "delivered p1 1.1"]
    assert messenger.delivered == [("op-p1", None, False)]
    assert messenger.looked == []


async def test_who_has_quiet_hours_is_told_after_them() -> None:
    outbox, messenger = FakeOutbox([parcel(), parcel("p2", posting_since=NOON)]), FakeMessenger()
    clock, bell = StillClock(), Bell()

    async def at_seven(_: Parcel) -> datetime:
        return NOON.replace(hour=7)

    worker = OutboxRelay(outbox, messenger, clock, bell, quiet_until=at_seven)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()
    assert outbox.told[0] == "hold back p1 until 07:00"
    assert [operation for operation, _, _ in messenger.delivered] == ["op-p2"], "that may stand already"


async def test_an_edit_needs_no_mark() -> None:
    outbox, messenger = await deliver(parcel(known=STANDS), STANDS)
    assert outbox.told == ["delivered p1 9.9"]
    assert messenger.delivered == [("op-p1", STANDS, False)]


async def test_an_announcement_is_marked_although_its_card_stands() -> None:
    outbox, _ = await deliver(parcel(effect=ANNOUNCE, known=STANDS))
    assert outbox.told == ["mark p1", "delivered p1 1.1"]


async def test_a_lost_answer_keeps_the_mark() -> None:
    outbox, _ = await deliver(parcel(), Ambiguous("the connection broke off."))
    assert outbox.told == ["mark p1", "retry p1"]
    assert outbox.retries == [(SETTLE, True)], "it may come later than one would look for it"


async def test_an_edit_that_may_come_late_is_waited_for() -> None:
    """Else it would overwrite what is shown after it."""
    outbox, _ = await deliver(parcel(known=STANDS), Unanswered("the connection broke off."))
    assert outbox.retries == [(SETTLE, False)]
    outbox, _ = await deliver(parcel(known=STANDS, attempts=9), Unanswered("the connection broke off."))
    assert outbox.retries == [(LONGEST_PAUSE, False)]


@pytest.mark.parametrize("effect", [parcel().effect, ANNOUNCE])
async def test_what_stands_already_is_not_posted_again(effect: Announce) -> None:
    outbox, messenger = await deliver(parcel(effect=effect, posting_since=NOON), STANDS, stands=STANDS)
    assert messenger.looked == [("op-p1", NOON)]
    assert outbox.told == ["delivered p1 9.9"]
    # a card that stands is brought up to date; an announcement is left as it is
    edited = [known for _, known, _ in messenger.delivered]
    assert edited == ([] if isinstance(effect, Announce) else [STANDS])


async def test_what_does_not_stand_is_posted() -> None:
    outbox, messenger = await deliver(parcel(posting_since=NOON - timedelta(seconds=1)))
    assert messenger.delivered == [("op-p1", None, False)]
    assert outbox.told == ["mark p1", "delivered p1 1.1"]


async def test_without_the_right_to_look_a_repeat_is_marked() -> None:
    outbox, messenger = await deliver(parcel(posting_since=NOON), stands=HistoryClosed("no scope"))
    assert messenger.delivered == [("op-p1", None, True)]
    assert outbox.told == ["mark p1", "delivered p1 1.1"]


async def test_a_look_that_fails_for_now_keeps_the_mark() -> None:
    outbox, messenger = await deliver(parcel(posting_since=NOON), stands=Transient("busy.", retry_after=30))
    assert messenger.delivered == []
    assert outbox.retries == [(timedelta(seconds=30), True)]


async def test_a_failure_without_effect_takes_the_mark_away() -> None:
    outbox, _ = await deliver(parcel(), Transient("it can't be reached."))
    assert outbox.retries == [(timedelta(seconds=2), False)]


async def test_what_slack_asks_for_is_kept() -> None:
    outbox, _ = await deliver(parcel(), Transient("slow down.", retry_after=17))
    assert outbox.retries == [(timedelta(seconds=17), False)]


async def test_the_pauses_double_up_to_a_bound() -> None:
    pauses = []
    for attempts in range(1, 9):
        outbox, _ = await deliver(parcel(attempts=attempts), Transient("down."))
        pauses.append(outbox.retries[0][0])
    assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


@pytest.mark.parametrize("error", [Transient("down."), Ambiguous("broke off."), Transient("", retry_after=1)])
async def test_an_outage_is_waited_out_however_often_it_was_tried(error: Transient) -> None:
    failing = parcel(attempts=5000, failing_since=NOON - GIVE_UP_AFTER + timedelta(seconds=1))
    outbox, _ = await deliver(failing, error)
    assert outbox.told == ["mark p1", "retry p1"]
    assert outbox.retries[0][0] <= LONGEST_PAUSE
    outbox, _ = await deliver(replace(failing, failing_since=NOON - GIVE_UP_AFTER), error)
    assert [told.split(":")[0] for told in outbox.told] == ["mark p1", "bury p1"]


async def test_a_mistake_of_ours_is_given_up_after_some_tries() -> None:
    outbox, _ = await deliver(parcel(attempts=TRIES - 1), Bug("ours"))
    assert outbox.told == ["mark p1", "retry p1"]
    outbox, _ = await deliver(parcel(attempts=TRIES), Bug("ours"))
    assert outbox.told == ["mark p1", "bury p1: Bug"]


async def test_what_only_a_person_can_mend_is_buried_at_once_and_told() -> None:
    refusal = NeedsHuman("Nothing can be posted in #x.", "", "Invite Slipway.")
    outbox, _ = await deliver(parcel(), refusal)
    assert outbox.told == ["mark p1", "bury p1: Nothing can be posted in #x. Invite Slipway."]
    assert [tell.text.plain() for tell in outbox.tells] == ["Nothing can be posted in #x."]
    outbox, _ = await deliver(parcel(effect=Answer("U1", "C1", line("said"))), refusal)
    assert outbox.tells == []


async def test_a_card_that_was_deleted_is_marked_before_it_is_posted_anew() -> None:
    outbox, messenger = await deliver(parcel(known=STANDS), CardGone("gone"), Posted("C1", "10.1"))
    assert [known for _, known, _ in messenger.delivered] == [STANDS, None]
    assert outbox.told == ["mark p1", "delivered p1 10.1"]


async def test_a_killed_post_of_a_deleted_card_is_looked_for_since_its_first_mark() -> None:
    marked = NOON - timedelta(hours=3)
    outbox, messenger = await deliver(parcel(known=STANDS, posting_since=marked), stands=Posted("C1", "10.1"))
    assert messenger.looked == [("op-p1", marked)]
    assert [known for _, known, _ in messenger.delivered] == [Posted("C1", "10.1")]
    assert outbox.told == ["delivered p1 1.1"]


async def test_a_mistake_of_ours_may_have_posted_and_stops_nobody_else() -> None:
    outbox, messenger = FakeOutbox([parcel("p1"), parcel("p2")]), FakeMessenger([KeyError("ts")])
    await relay(outbox, messenger)
    assert outbox.retries == [(SETTLE, True)]
    assert "delivered p2 1.1" in outbox.told


async def test_who_lost_the_lease_writes_nothing() -> None:
    outbox, messenger = FakeOutbox([parcel("p1")], finish_fails=LeaseLost("p1")), FakeMessenger()
    await relay(outbox, messenger)
    assert outbox.told == ["mark p1"]


async def test_a_store_that_is_down_lets_the_lease_run_out() -> None:
    outbox = FakeOutbox([parcel("p1")], finish_fails=Transient("the disk is full."))
    await relay(outbox, FakeMessenger())
    assert outbox.told == ["mark p1"]


async def test_a_claim_that_fails_is_tried_again_after_a_second() -> None:
    outbox = FakeOutbox([parcel()], claim_fails=[Transient("down."), Transient("down.")])
    clock = await relay(outbox, FakeMessenger(), rings=2)
    assert outbox.told == ["mark p1", "delivered p1 1.1"]
    assert clock.slept == [1.0, 1.0]


async def test_no_more_at_a_time_than_agreed() -> None:
    outbox = FakeOutbox([parcel(f"p{number}") for number in range(9)])
    await relay(outbox, FakeMessenger(), parallel=2)
    assert sum(told.startswith("delivered") for told in outbox.told) == 9


async def test_an_answer_is_delivered_without_a_place() -> None:
    outbox, _ = await deliver(parcel(effect=Answer("U1", "C1", line("said"))), None)
    assert outbox.told == ["mark p1", "delivered p1 -"]


class HangingMessenger(FakeMessenger):
    """Slack took the call and never answers."""

    async def deliver(self, *_: object, **__: object) -> Posted | None:
        await asyncio.Event().wait()
        return None


async def test_what_hangs_is_cut_off_before_its_lease_ends() -> None:
    outbox, bell = FakeOutbox([parcel()]), Bell()
    worker = OutboxRelay(outbox, HangingMessenger([], None), StillClock(), bell, longest=0.01)
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    async with asyncio.timeout(5):
        await worker.settle()
    assert outbox.told == ["mark p1", "retry p1"]
    assert outbox.retries[0][1], "it may stand"
    assert LEASE.total_seconds() > LONGEST


async def test_what_is_too_much_for_its_channel_is_not_handed_over() -> None:
    outbox, messenger = FakeOutbox([parcel(effect=HEARD)], full=frozenset({"p1"})), FakeMessenger()
    await relay(outbox, messenger)
    assert outbox.told == ["sum up p1"]
    assert messenger.delivered == []


@pytest.mark.parametrize(
    ("effect", "told"),
    [(HEARD, [("C2", "Slack says is_archived.")]), (ShowCard(DeploymentId("one")), []), (ANNOUNCE, [])],
)
async def test_a_closed_channel_is_told_of_where_it_had_subscribed(
    effect: Effect, told: list[tuple[str, str]]
) -> None:
    found: list[tuple[str, str]] = []

    async def closed(workspace: str, channel: str, why: str) -> bool:
        assert workspace == TEAM
        found.append((channel, why))
        return True

    gone = ChannelClosed("Nothing can be posted there.", "Slack says is_archived.")
    outbox, bell = FakeOutbox([parcel(effect=effect)]), Bell()
    messenger = FakeMessenger([gone])
    worker = OutboxRelay(outbox, messenger, StillClock(), bell, closed=closed, operators=lambda: "#audit")
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()
    assert found == told
    assert [each.split(":")[0] for each in outbox.told] == ["mark p1", "bury p1"]
    assert "#audit" not in [each.person for each in outbox.tells], "who subscribed is told already"


@pytest.mark.parametrize("refusal", [NeedsHuman("It is shared."), ChannelClosed("It is archived.")])
async def test_operators_hear_what_a_channel_misses_where_nobody_else_would(refusal: NeedsHuman) -> None:
    heard = TellRun(RunRef("github", "acme/api", "7"), 1, RunChange.FAILED, "#fixed")
    outbox, bell = FakeOutbox([parcel(effect=heard), parcel("p2", Answer("U1", "C1", line("said")))]), Bell()
    messenger = FakeMessenger([refusal, NeedsHuman("No such person.")])
    worker = OutboxRelay(outbox, messenger, StillClock(), bell, operators=lambda: "#audit")
    running = asyncio.create_task(worker.run())
    await bell.idle.wait()
    running.cancel()
    await worker.settle()
    (told,) = outbox.tells
    assert told.person == "#audit"
    assert refusal.what in told.text.plain()
