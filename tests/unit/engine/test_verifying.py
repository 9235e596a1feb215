"""From the run's success to the end, over a real database: what is measured, what is asked, what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.core.catalog import Environment
from bot.core.effects import Announce, Announcement, Posted
from bot.core.errors import UserError
from bot.core.intents import AskDeployment, CancelDeployment, Settlement
from bot.core.lifecycle import State
from bot.core.metrics import MetricReading
from bot.core.records import Attempt
from bot.core.rules import HttpVerification, MetricSource, MetricVerification, Verification
from bot.core.runs import RunStatus
from bot.core.values import Kind
from bot.core.verifications import Outcome, asks
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from bot.core.votes import VoteKind
from bot.engine.reconciler import Reconciler
from bot.engine.verifying import AT_FIRST, IN_A_HURRY, patience_with
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.probe import FINE, FakeProbe
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import catalog, in_state, service, wish
from tests.unit.engine.door import GATED, Door
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
HEALTH = HttpVerification("https://api.example.com/health", passes=3)
SOURCE = MetricSource("main", "https://prometheus.example.com")
ERRORS = MetricVerification(SOURCE, "errors", timedelta(minutes=5), below=Decimal("0.05"))
BROKEN, AWAY = Answered(503), Silent("can't be reached")
NO_VALUE = MetricReading(None, "no series")
Open = Callable[..., Desk]


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Open]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:

        def open_desk(*rules: Verification) -> Desk:
            return Desk(store, clock, rules)

        yield open_desk


async def rang(desk: Desk) -> list[Announcement]:
    outbox, effects = desk.store.outbox, []
    while parcels := await outbox.claim(50):
        for parcel in parcels:
            await outbox.delivered(parcel, Posted("C1", "1.1"))
            effects.append(parcel.effect)
    return [each.what for each in effects if isinstance(each, Announce)]


async def test_it_is_measured_before_it_starts_and_after_it_got_there(opened: Open) -> None:
    desk = opened(HEALTH, ERRORS)
    await desk.asks()
    assert (len(desk.probe.asked), desk.metrics.asked) == (1, ["main: errors"])
    desk.forge.set_status((await desk.now()).run.ref, RunStatus.SUCCESS)  # type: ignore[union-attr]
    verifying = await desk.looks(timedelta(seconds=3))
    assert verifying.state is State.VERIFYING
    assert [each.said for each in verifying.verifications] == ["1 of 3 in a row", "0.01 is right"]
    done = await desk.goes_on()
    assert done.state is State.SUCCEEDED
    assert [each.outcome for each in done.verifications] == [Outcome.PASSED] * 2
    assert len(desk.probe.asked) == 1 + 3
    assert await desk.trail("VerificationEnded", "WrongBefore") == ["VerificationEnded"] * 2
    assert await rang(desk) == []


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        (
            [FINE, BROKEN],
            "api.example.com/health: answered 503, 200 was wanted; never 3 times in a row",
        ),
        ([FINE, AWAY], "can't be reached; never 3 times"),
        ([FINE, Silent("did not answer within 10s")], "did not answer within 10s"),
        ([FINE, FINE, FINE, *[BROKEN, FINE] * 20, BROKEN], "answered 503"),
        (
            [FINE, Answered(302, headers=(("location", "http://169.254.169.254/latest?k=v"),))],
            "answered 302, which points to 169.254.169.254. Redirects are not followed.",
        ),
    ],
    ids=["broken", "unreachable", "slow", "flapping", "redirect to a private address"],
)
async def test_what_does_not_work_has_failed(opened: Open, readings: list[HttpReading], why: str) -> None:
    desk = opened(HEALTH)
    desk.probe.readings = list(readings)
    await desk.arrives()
    failed = await desk.goes_on()
    assert failed.state is State.FAILED
    assert why in failed.note
    assert failed.next_step
    assert await rang(desk) == [Announcement.FAILED]


async def test_five_hundred_then_fine_within_its_time(opened: Open) -> None:
    desk = opened(HEALTH)
    desk.probe.readings = [FINE, BROKEN, BROKEN, AWAY, FINE]
    await desk.arrives()
    assert (await desk.goes_on()).state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("probe", "metrics", "why"),
    [
        ([FINE, Forbidden("10.0.0.7, in a closed network")], [], "health: 10.0.0.7, in a closed network."),
        ([FINE], [MetricReading(Decimal(0)), NO_VALUE], "errors below 0.05 for 5m: no series."),
        ([FINE], [MetricReading(Decimal(0)), MetricReading(Decimal("NaN"))], "NaN is no number"),
        ([BROKEN, BROKEN], [], "It was wrong already right before the start: answered 503, 200 was wanted."),
    ],
    ids=["private address", "empty vector", "NaN", "wrong before"],
)
async def test_what_nobody_can_tell_asks_a_person(
    opened: Open, probe: list[HttpReading], metrics: list[MetricReading], why: str
) -> None:
    desk = opened(HEALTH, ERRORS)
    desk.probe.readings = list(probe)
    desk.metrics.readings = list(metrics) or desk.metrics.readings
    await desk.arrives()
    waiting = await desk.goes_on()
    assert waiting.state is State.VERIFYING
    assert asks(waiting.state, waiting.verifications)
    assert why in waiting.note
    assert waiting.next_step
    assert await rang(desk) == [Announcement.UNVERIFIED]
    version = waiting.version
    assert (await desk.looks(timedelta(hours=1))).version == version, "the question stands"
    assert await rang(desk) == []


async def asked(opened: Open) -> Desk:
    """A person is asked."""
    desk = opened(HEALTH)
    desk.probe.readings = [FINE, Forbidden("10.0.0.7, in a closed network")]
    await desk.arrives()
    assert desk.delay is None
    return desk


@pytest.mark.parametrize(
    ("word", "state", "said"),
    [
        (Settlement.IT_WORKS, State.SUCCEEDED, "Ada says that it works. api.example.com/health: 10.0.0.7"),
        (Settlement.IT_DOES_NOT_WORK, State.FAILED, "Ada says that it does not work."),
    ],
)
async def test_a_person_settles_it(opened: Open, word: Settlement, state: State, said: str) -> None:
    desk = await asked(opened)
    await desk.settles(word)
    ended = await desk.looks()
    assert ended.state is state
    assert said in ended.note
    assert await desk.trail("VerificationSettled") == ["VerificationSettled"]
    life = await desk.store.queries.transitions(ended.workspace, ended.id)
    assert life[-1].actor.name == "Ada"


async def test_measured_again_only_what_nobody_could_tell(opened: Open) -> None:
    desk = opened(HttpVerification("https://api.example.com/ready"), HEALTH)
    desk.probe.readings = [FINE, FINE, FINE, Forbidden("10.0.0.7, in a closed network")]
    await desk.arrives()
    desk.probe.readings, desk.probe.asked = [FINE], []
    await desk.settles(Settlement.MEASURE_AGAIN)
    await desk.looks()
    assert (await desk.goes_on()).state is State.SUCCEEDED
    assert desk.probe.asked == [HEALTH.url] * 3


@pytest.mark.parametrize("word", [Settlement.IT_WORKS, Settlement.IT_DOES_NOT_WORK, Settlement.MEASURE_AGAIN])
async def test_nobody_answers_what_is_still_measured_or_over(opened: Open, word: Settlement) -> None:
    desk = opened(HEALTH)
    await desk.arrives()
    with pytest.raises(UserError, match="does not ask whether it works"):
        await desk.settles(word)
    await desk.goes_on()
    with pytest.raises(UserError, match="does not ask whether it works"):
        await desk.settles(word)


async def test_what_was_wrong_before_is_in_the_trail_and_a_fix_of_it_succeeds(opened: Open) -> None:
    desk = opened(HEALTH)
    desk.probe.readings = [BROKEN, FINE]
    await desk.arrives()
    assert await desk.trail("WrongBefore") == ["WrongBefore"]
    assert (await desk.goes_on()).state is State.SUCCEEDED


async def test_what_is_said_to_have_been_deployed_is_verified_as_well(opened: Open) -> None:
    desk = opened(HEALTH)
    desk.probe.readings = [FINE, BROKEN]
    desk.forge.hide_new_runs, desk.forge.lose_answers = True, 0
    await desk.asks()
    running = await desk.now()
    assert running.run is not None
    del desk.forge.runs[running.run.ref.external_id]
    for _ in range(3):
        await desk.looks(timedelta(minutes=3))
    assert (await desk.now()).state is State.UNKNOWN
    await desk.settles(Settlement.IT_RAN)
    await desk.looks()
    assert (await desk.goes_on()).state is State.FAILED


async def test_whoever_looks_too_early_reads_nothing(opened: Open) -> None:
    """A hint wakes it at any time; readings in a row are those of their pace."""
    desk = opened(HEALTH)
    await desk.arrives()
    read = len(desk.probe.asked)
    for _ in range(10):
        await desk.looks()
    assert len(desk.probe.asked) == read
    assert (await desk.only()).passes == 1


async def test_a_crash_between_reading_and_keeping_repeats_the_reading_alone(opened: Open) -> None:
    desk = opened(HEALTH)
    await desk.arrives()
    desk.clock.time += timedelta(seconds=10)
    lost, desk.world = desk.world, desk.world  # what was read is in nobody's memory
    await lost.probe.get(HEALTH.url, timedelta(seconds=1), private=False)
    assert (await desk.only()).passes == 1
    assert (await desk.looks()).verifications[0].passes == 2


async def test_what_waits_at_a_gate_is_measured_before_it_is_let_in(
    database_url: str,
) -> None:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        rules = replace(GATED, verify=(HEALTH,))
        place = Environment("staging", rules)
        door = Door(store, clock, catalog(service("api", place, channel="#api-deploys")))
        probe = FakeProbe([BROKEN])
        door.reconciler = Reconciler(replace(door.world, probe=probe), Bell())
        await door.knock(await door.run())
        assert probe.asked == []
        await door.votes(VoteKind.APPROVE)
        assert probe.asked == [HEALTH.url]
        assert (await door.now()).verifications[0].before == "answered 503, 200 was wanted"
        assert len(door.forge.told) == 1


def test_an_emergency_is_not_kept_waiting_for_long(database_url: str) -> None:
    assert database_url
    asked = in_state(State.DISPATCHING)
    assert asked.request is not None
    urgent = replace(asked, request=replace(asked.request, emergency=True))
    assert patience_with(urgent) == IN_A_HURRY < AT_FIRST == patience_with(asked)


async def test_without_a_rule_nothing_is_measured(opened: Open) -> None:
    desk = opened()
    done = await desk.arrives()
    assert done.state is State.SUCCEEDED
    assert (desk.probe.asked, done.verifications) == ([], ())


async def test_who_goes_back_from_what_has_ended_meanwhile_is_not_held_up(opened: Open) -> None:
    """It was under way when they looked; to be told that nothing can be cancelled would lose the rollback."""
    desk = opened(HEALTH)
    desk.probe.readings = [FINE, BROKEN]
    await desk.arrives()
    failed = await desk.goes_on()
    await desk.says(CancelDeployment(1, going_back=True))
    assert await desk.now() == failed
    with pytest.raises(UserError, match="has ended already"):
        await desk.says(CancelDeployment(1))


async def test_who_goes_back_from_what_somebody_stops_already_is_not_held_up(opened: Open) -> None:
    desk = opened(HEALTH)
    await desk.asks()
    await desk.says(CancelDeployment(1))
    await desk.says(CancelDeployment(1, going_back=True))
    assert (await desk.now()).state is State.CANCELLING


@pytest.mark.parametrize("late", [True, False], ids=["asked while it stops", "asked while it is verified"])
async def test_who_goes_back_waits_for_no_verification(opened: Open, late: bool) -> None:
    """A run that was told to stop may come to its good end: nobody waits for what is measured then."""
    desk = opened(HEALTH)
    running = await desk.asks() if late else await desk.arrives()
    assert running.run is not None
    back = replace(wish(inputs=()), kind=Kind.ROLLBACK, ref=running.release_sha)
    if late:
        await desk.says(CancelDeployment(1))
    await desk.says(AskDeployment(back, None, "#api-deploys", undoes=running.id))
    await desk.says(CancelDeployment(1, going_back=True))
    desk.forge.set_status(running.run.ref, RunStatus.SUCCESS)
    failed = await desk.looks(timedelta(seconds=3))
    assert failed.state is State.FAILED
    assert "before it was verified" in failed.note


async def test_what_waited_for_a_word_is_cleared_up_when_somebody_goes_back(opened: Open) -> None:
    """Nobody looked at it any more: its tag stayed, and the rollback waited for the next round."""
    desk = opened(ERRORS)
    desk.metrics.readings = [NO_VALUE]
    await desk.arrives()
    await desk.goes_on()
    assert desk.delay is None, "it waits for a person"
    await desk.world.queue.requeue(desk.lease, None)
    await desk.says(CancelDeployment(1, going_back=True))
    (desk.lease,) = await desk.world.queue.claim(1)
    ended = await desk.looks()
    assert (ended.state, ended.attempt) == (State.FAILED, Attempt.UNPINNED)
