"""From sent to cleared up, over a real database: cancels that cross, alarms, silence, and what is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.core.effects import Announce, Announcement, Posted
from bot.core.errors import Ambiguous, NeedsHuman
from bot.core.intents import AskDeployment, CancelDeployment, Intent
from bot.core.lifecycle import State, Trigger
from bot.core.ports import Provider
from bot.core.records import Attempt, Deployment, Lease
from bot.core.runs import Receipt, Run, RunRef, RunStatus, TriggerSpec
from bot.core.steps import Step
from bot.core.values import OperationKey, Place
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import CLEARINGS, LONGEST_CLEARING, Reconciler
from bot.store.store import Store
from bot.strategies.dispatch import CANCEL_PATIENCE, LISTING_LAG
from tests.databases import Backend
from tests.fakes.forge import FakeCi, FakePins, FakeRun, FakeWorkflow, seeded
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import ADA, PIPELINE, SHA_B, TEAM, actor, catalog, wish
from tests.fakes.world import world_of

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
REFUSAL = NeedsHuman("GitHub refused it.", "The workflow is disabled.", "Enable it.")


async def nothing() -> None:
    """Nothing happens meanwhile."""


@dataclass
class Whims:
    """How the provider behaves."""

    meanwhile: Callable[[], Awaitable[None]] = nothing  # while a dispatch is on its way
    refuses: bool = False
    loses: bool = False
    stubborn: bool = False  # a run does not stop
    keeps_tags: bool = False


@dataclass(frozen=True)
class OddCi(FakeCi):
    """A CiProvider with whims."""

    whims: Whims

    async def trigger(self, spec: TriggerSpec) -> Receipt:
        await self.whims.meanwhile()
        if self.whims.refuses:
            raise REFUSAL
        receipt = await super().trigger(spec)
        if self.whims.loses:
            raise Ambiguous("The answer was lost.", system="fake")
        return receipt

    async def cancel(self, ref: RunRef) -> None:
        if not self.whims.stubborn:
            await super().cancel(ref)


@dataclass(frozen=True)
class OddPins(FakePins):
    """Pins with whims."""

    whims: Whims

    async def delete(self, repository: str, key: OperationKey) -> None:
        if self.whims.keeps_tags:
            raise NeedsHuman(
                "GitHub did not let us delete the tag.", "A rule protects it.", "Change the rule."
            )
        await super().delete(repository, key)


@dataclass
class Desk:
    """A reconciler over a real database, with a forge in memory."""

    store: Store
    clock: StillClock
    whims: Whims = field(default_factory=Whims)

    def __post_init__(self) -> None:
        self.forge = forge = seeded(self.clock)
        store, known = self.store, catalog()
        accepted = tuple(each.name for each in PIPELINE.accepts)
        forge.workflows["deploy.yml"] = FakeWorkflow(("environment", "version"), ("operation", *accepted))
        odd = Provider(forge.code, OddPins(forge, self.whims), OddCi(forge, self.whims), forge.doors)
        self.world = world_of(store, forge, self.clock, lambda: known, providers={"github": odd})
        self.reconciler = Reconciler(self.world, Bell())

    async def asked(self) -> Lease:
        await self.says(AskDeployment(wish(inputs=()), None, "#api-deploys"))
        (lease,) = await self.world.queue.claim(1)
        return lease

    async def looks(self, lease: Lease, after: timedelta = timedelta()) -> timedelta | None:
        """So much later; says when it wants to look again."""
        self.clock.time += after
        return (await self.reconciler.look(lease)).delay

    async def cancels(self) -> None:
        await self.says(CancelDeployment(1))

    async def says(self, intent: Intent) -> None:
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            await apply(uow, intent, Asker(actor(ADA), Place("C1")), self.world.catalog())

    async def now(self, number: int = 1) -> Deployment:
        found = await self.store.queries.deployment(TEAM, number)
        assert found is not None
        return found

    @property
    def run(self) -> FakeRun:
        """The only run at the provider."""
        (found,) = self.forge.runs.values()
        return found

    async def life(self) -> list[tuple[State, Trigger]]:
        found = await self.world.queries.transitions(TEAM, (await self.now()).id)
        return [(each.source, each.trigger) for each in found]

    async def rang(self) -> list[Announcement]:
        """What was announced since this was asked last."""
        outbox, effects = self.store.outbox, []
        while parcels := await outbox.claim(50):
            for parcel in parcels:
                await outbox.delivered(parcel, Posted("C1", "1.1"))
                effects.append(parcel.effect)
        return [each.what for each in effects if isinstance(each, Announce)]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Desk(store, clock)


@pytest.mark.parametrize("early", [True, False], ids=["cancelled before it is lost", "and after"])
async def test_a_cancel_outlives_unknown(desk: Desk, early: bool) -> None:
    desk.whims.loses = desk.forge.hide_new_runs = True
    lease = await desk.asked()
    await desk.looks(lease)
    if early:
        await desk.cancels()
    await desk.looks(lease, LISTING_LAG)
    assert (await desk.now()).state is State.UNKNOWN
    if not early:
        await desk.cancels()
        await desk.looks(lease)
        assert (await desk.now()).state is State.UNKNOWN
    assert "it is cancelled" in (await desk.now()).next_step
    desk.run.hidden = False
    await desk.looks(lease, timedelta(hours=2))
    assert desk.run.run.status is RunStatus.CANCELLED
    await desk.looks(lease)
    assert (await desk.now()).state is State.CANCELLED
    assert (await desk.life())[-3:] == [
        (State.UNKNOWN, Trigger.FIND_RUN),
        (State.RUNNING, Trigger.CANCEL),
        (State.CANCELLING, Trigger.RUN_CANCELLED),
    ]
    assert desk.forge.dispatches == 1


async def test_a_cancel_outlives_a_run_that_is_away_for_a_while(desk: Desk) -> None:
    desk.whims.stubborn = True
    lease = await desk.asked()
    await desk.looks(lease)
    await desk.cancels()
    await desk.looks(lease, timedelta(minutes=3))
    desk.run.hidden = True
    await desk.looks(lease)
    assert (await desk.now()).state is State.CANCELLING
    await desk.looks(lease, LISTING_LAG)
    assert (await desk.now()).state is State.UNKNOWN
    desk.run.hidden = desk.whims.stubborn = False
    await desk.looks(lease)
    await desk.looks(lease)
    assert (await desk.now()).state is State.CANCELLED


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_refused_dispatch_has_an_end(desk: Desk, cancelled: bool) -> None:
    desk.whims.refuses = True
    desk.whims.meanwhile = desk.cancels if cancelled else nothing
    lease = await desk.asked()
    assert await desk.looks(lease) is None
    ended = await desk.now()
    assert ended.state is (State.CANCELLED if cancelled else State.FAILED)
    assert ("before anything" if cancelled else "refused") in ended.note
    assert ended.attempt is Attempt.UNPINNED


async def test_a_run_that_does_not_stop_is_asked_about_and_its_end_noticed(desk: Desk) -> None:
    desk.whims.stubborn = True
    lease = await desk.asked()
    await desk.looks(lease)
    await desk.cancels()
    await desk.looks(lease)
    written = (await desk.now()).version
    for _ in range(3):
        await desk.looks(lease, timedelta(minutes=1))
    assert (await desk.now()).version == written
    await desk.looks(lease, CANCEL_PATIENCE)
    asked = await desk.now()
    assert asked.state is State.UNKNOWN
    assert "told to stop" in asked.note
    await desk.looks(lease, timedelta(days=1))
    assert (await desk.now()).note == asked.note
    desk.forge.set_status(desk.run.run.ref, RunStatus.FAILURE)
    await desk.looks(lease)
    assert (await desk.now()).state is State.FAILED
    assert await desk.rang() == [Announcement.UNKNOWN, Announcement.FAILED]


async def test_a_run_past_its_time_is_asked_about_once(desk: Desk) -> None:
    lease = await desk.asked()
    await desk.looks(lease)
    desk.forge.set_status(desk.run.run.ref, RunStatus.RUNNING)
    await desk.looks(lease, PIPELINE.timeout)
    asked = await desk.now()
    assert asked.state is State.UNKNOWN
    assert "after 30m" in asked.note
    desk.forge.down = True
    await desk.looks(lease, timedelta(hours=1))
    assert (await desk.now()).note == asked.note
    desk.forge.down = False
    await desk.looks(lease)
    assert (await desk.now()).state is State.UNKNOWN
    assert await desk.rang() == [Announcement.UNKNOWN]
    desk.forge.set_status(desk.run.run.ref, RunStatus.SUCCESS)
    await desk.looks(lease)
    ended = await desk.now()
    assert (ended.state, ended.note) == (State.SUCCEEDED, "")


def other(run: Run) -> Run:
    """The same run, of another commit."""
    return replace(run, head_sha=SHA_B)


@pytest.mark.parametrize("first_seen", [State.RUNNING, State.CANCELLING, State.UNKNOWN, State.VERIFYING])
async def test_one_mismatch_rings_one_alarm(desk: Desk, first_seen: State) -> None:
    lease = await desk.asked()
    await desk.looks(lease)
    expected = [Announcement.ALARM, Announcement.FAILED]
    if first_seen is State.CANCELLING:
        await desk.cancels()
    if first_seen is State.VERIFYING:  # it is at its end already
        desk.forge.set_status(desk.run.run.ref, RunStatus.SUCCESS)
        expected = [Announcement.ALARM]
    if first_seen is State.UNKNOWN:
        desk.run.hidden = True
        await desk.looks(lease, LISTING_LAG)
        await desk.looks(lease, LISTING_LAG)
        desk.run.hidden = False
        assert await desk.rang() == [Announcement.UNKNOWN]
    desk.run.run = other(desk.run.run)
    await desk.looks(lease)
    await desk.looks(lease)
    assert (await desk.now()).state is State.FAILED
    assert await desk.rang() == expected
    was_cancelled = first_seen is not State.VERIFYING
    assert ("What is deployed now" in (await desk.now()).next_step) is not was_cancelled


async def test_one_look_in_vain_is_said_and_forgotten(desk: Desk) -> None:
    lease = await desk.asked()
    await desk.looks(lease)
    desk.run.hidden = True
    await desk.looks(lease, timedelta(minutes=20))
    assert "does not show run" in (await desk.now()).note
    desk.run.hidden = False
    await desk.looks(lease, LISTING_LAG)
    assert ((await desk.now()).state, (await desk.now()).note) == (State.RUNNING, "")


@pytest.mark.parametrize(
    ("age", "pause"), [(0, 3), (59, 3), (60, 10), (299, 10), (300, 30), (899, 30), (900, 60), (1700, 60)]
)
async def test_the_looks_become_rarer(desk: Desk, age: int, pause: int) -> None:
    lease = await desk.asked()
    await desk.looks(lease)
    assert await desk.looks(lease, timedelta(seconds=age)) == timedelta(seconds=pause)


async def test_what_can_not_be_cleared_up_holds_nobody_and_is_given_up(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.whims.keeps_tags = True
    first = await desk.asked()
    await desk.looks(first)
    second = await desk.asked()
    await desk.looks(second)
    await desk.world.queue.requeue(second, None)
    desk.forge.set_status(desk.run.run.ref, RunStatus.SUCCESS)
    pauses = [await desk.looks(first)]
    assert [each.key for each in await desk.world.queue.claim(1)] == [second.key]
    while pauses[-1] is not None:
        pauses.append(await desk.looks(first))
    waited = [each.total_seconds() for each in pauses if each is not None]
    assert waited[:3] == [60, 120, 240]
    assert max(waited) == LONGEST_CLEARING
    assert len(waited) == CLEARINGS - 1
    ended = await desk.now()
    assert (ended.state, ended.attempt, ended.note) == (State.SUCCEEDED, Attempt.FOUND, "")
    given_up = [each for each in caplog.records if each.levelname == "ERROR"]
    assert len(given_up) == 1
    assert ended.key in given_up[0].getMessage()


async def test_two_looks_at_one_key_are_both_waited_for(desk: Desk) -> None:
    """A lease ran out and came back to us: the first look is still ours to end."""
    lease = await desk.asked()
    leases, go_on, ended = [(lease,), (replace(lease, fence=lease.fence + 1),)], asyncio.Event(), []
    quick, bell = asyncio.Event(), Bell(1)

    class Queue:
        async def claim(self, limit: int) -> tuple[Lease, ...]:  # noqa: ARG002
            return leases.pop(0) if leases else ()

        async def keep(self, lease: Lease) -> None: ...

        async def requeue(self, lease: Lease, _: object) -> None:
            ended.append(lease.fence)
            quick.set()

        async def next_due(self) -> None:
            return None

    class Queries:
        looks = 0

        async def deployment_by_id(self, *_: object) -> None:
            self.looks += 1
            if self.looks == 1:  # the second one is quick
                await go_on.wait()

    reconciler = Reconciler(replace(desk.world, queue=Queue(), queries=Queries()), bell)  # type: ignore[arg-type]
    running = asyncio.create_task(reconciler.run())
    await asyncio.wait_for(bell.idle.wait(), 20)
    running.cancel()
    settling = asyncio.create_task(reconciler.settle())
    await asyncio.wait_for(quick.wait(), 20)
    assert ended == [lease.fence + 1]
    for _ in range(10):  # rounds of the loop, in which it could end
        await asyncio.sleep(0)
    assert not settling.done()
    go_on.set()
    await asyncio.wait_for(settling, 20)
    assert sorted(ended) == [lease.fence, lease.fence + 1]
