"""Looking again until it has to wait: back-off, mistakes of ours, refusals, and whose lease it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog
from bot.core.code import Repository, ResolvedRef
from bot.core.errors import LeaseLost
from bot.core.lifecycle import State
from bot.core.pipelines import Pin
from bot.core.ports import Provider
from bot.core.queue_ports import WorkQueue
from bot.core.records import Attempt, Deployment, Lease
from bot.core.runs import RunStatus
from bot.engine.again import NEVER
from bot.engine.judging import judge
from bot.engine.reconciler import AFTER_BUG, LONGEST_PAUSE, Reconciler
from bot.engine.world import World
from tests.databases import Backend
from tests.fakes.forge import FakeCode, FakeWorkflow
from tests.fakes.queues import Bell
from tests.fakes.samples import ADA, PIPELINE, catalog, policy, service
from tests.fakes.world import world_of
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
ACCEPTED = tuple(each.name for each in PIPELINE.accepts)


@dataclass
class Desk:
    """A reconciler over a real database, with a forge in memory."""

    here: Room
    world: World
    bell: Bell = field(default_factory=Bell)

    def __post_init__(self) -> None:
        self.reconciler = Reconciler(self.world, self.bell)

    def change(self, **changes: object) -> None:
        self.world = replace(self.world, **changes)  # type: ignore[arg-type]
        self.reconciler = Reconciler(self.world, self.bell)

    async def asked(self) -> Lease:
        """Somebody asks; the key is ours."""
        await self.here.hears(spoken("api staging", "/deploy"))
        (lease,) = await self.world.queue.claim(1)
        return lease

    async def now(self, number: int = 1) -> Deployment:
        found = await self.here.deployment(number)
        assert found is not None
        return found


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with room(database_url) as here:
        forge, store = here.forge, here.store
        forge.workflows["deploy.yml"] = FakeWorkflow(("environment", "version"), ("operation", *ACCEPTED))
        yield Desk(
            here,
            world_of(store, forge, here.clock, here.around.catalog, here.directory),
        )


def unpinned() -> Catalog:
    """The same catalog with a pipeline that is started on a branch."""
    plain = service()
    first = replace(plain.environments[0], policy=policy(pipeline=replace(PIPELINE, pin=Pin.CHECK)))
    return catalog(replace(plain, environments=(first,)))


async def test_one_way_from_asked_to_deployed(desk: Desk) -> None:
    lease = await desk.asked()
    again = await desk.reconciler.look(lease)
    running = await desk.now()
    assert (running.state, running.attempt) == (State.RUNNING, Attempt.FOUND)
    assert again.delay is not None
    assert timedelta() < again.delay <= timedelta(minutes=1)
    assert running.run is not None
    desk.here.forge.set_status(running.run.ref, RunStatus.SUCCESS)
    assert await desk.reconciler.look(lease) == NEVER
    ended = await desk.now()
    assert (ended.state, ended.attempt) == (State.SUCCEEDED, Attempt.UNPINNED)
    assert desk.here.forge.dispatches == 1
    assert not any("slipway" in ref for ref in desk.here.forge.git.refs)


async def test_what_is_locked_is_looked_at_when_the_lock_ends(desk: Desk) -> None:
    await desk.here.hears(spoken("staging for 20s because it moves", "/lock", person=ADA.id))
    lease = await desk.asked()
    assert (await desk.reconciler.look(lease)).delay == timedelta(seconds=20)
    waiting = await desk.now()
    assert (waiting.state, waiting.note.split(".")[0]) == (
        State.WAITING,
        "Ada has locked every service in staging",
    )
    desk.here.clock.time += timedelta(seconds=20)
    await desk.reconciler.look(lease)
    assert (await desk.now()).state is State.RUNNING


async def test_a_lock_is_seen_once_more_before_anything_is_sent(desk: Desk) -> None:
    """It came between the judging of the gates and the slot."""
    lease = await desk.asked()
    asked = await desk.now()
    await judge(desk.world, lease, asked)
    assert (await desk.now()).state is State.READY
    await desk.here.hears(spoken("staging because it moves", "/lock", person=ADA.id))
    await desk.reconciler.look(lease)
    assert (await desk.now()).state is State.WAITING
    assert desk.here.forge.dispatches == 0


async def test_the_pauses_grow_while_the_other_side_is_down(desk: Desk) -> None:
    desk.here.forge.down = True
    lease = await desk.asked()
    pauses = []
    for _ in range(8):
        again = await desk.reconciler.look(lease)
        assert again.delay is not None
        pauses.append(again.delay.total_seconds())
    ceilings = [min(LONGEST_PAUSE, 2.0 * 2**count) for count in range(8)]
    assert all(ceiling / 2 <= pause <= ceiling for pause, ceiling in zip(pauses, ceilings, strict=True))
    waits = await desk.now()
    assert waits.state is State.REQUESTED
    assert "does not answer" in waits.note
    assert "by itself" in waits.next_step
    desk.here.forge.down = False
    await desk.reconciler.look(lease)
    assert (await desk.now()).state is State.RUNNING


@dataclass(frozen=True)
class BrokenCode(FakeCode):
    """A code host whose adapter has a mistake in it."""

    async def repository(self, repository: str) -> Repository:
        raise KeyError(f"inner detail of {repository}")

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:
        raise KeyError(f"inner detail of {repository} {ref}")


async def test_a_mistake_of_ours_is_told_by_a_reference(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    forge = desk.here.forge
    forge.down = True
    lease = await desk.asked()
    desk.change(providers={"github": Provider(BrokenCode(forge), forge.pins, forge.ci, forge.doors)})
    assert (await desk.reconciler.look(lease)).delay == AFTER_BUG
    waits = await desk.now()
    assert "Slipway made a mistake" in waits.note
    assert "inner detail" not in waits.note + waits.next_step
    reference = waits.note.split("reference ")[1][:8]
    assert reference in caplog.text
    assert "inner detail" in caplog.text


async def test_a_mistake_in_one_look_stops_no_other(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Two at once: the first cannot be read at all, the second runs."""
    await desk.here.hears(spoken("api staging", "/deploy"))
    await desk.here.hears(spoken("web staging", "/deploy"))
    queries = desk.world.queries

    class Half:
        def __getattr__(self, name: str) -> object:
            return getattr(queries, name)

        async def deployment_by_id(self, workspace: str, id: str) -> Deployment | None:
            found = await queries.deployment_by_id(workspace, id)  # type: ignore[arg-type]
            if found is not None and found.number == 1:
                raise KeyError("a row of another version")
            return found

    desk.change(queries=Half())
    await work(desk)
    assert (await desk.now(1)).state is State.WAITING
    assert (await desk.now(2)).state is State.RUNNING
    assert "a row of another version" in caplog.text


async def work(desk: Desk) -> None:
    """Let the loop run until nothing is due."""
    running = asyncio.create_task(desk.reconciler.run())
    await asyncio.wait_for(desk.bell.idle.wait(), 20)
    running.cancel()
    await desk.reconciler.settle()


async def test_what_the_catalog_no_longer_knows_is_refused_before_it_is_sent(desk: Desk) -> None:
    lease = await desk.asked()
    desk.change(catalog=Catalog)
    await desk.reconciler.look(lease)
    refused = await desk.now()
    assert refused.state is State.REFUSED
    assert "no longer knows api in staging" in refused.note
    assert desk.here.forge.dispatches == 0


async def test_what_was_sent_never_ends_because_we_cannot_look(desk: Desk) -> None:
    """The dispatch may have been received: whatever stops us from looking is said, and it goes on later."""
    forge, known = desk.here.forge, unpinned()
    desk.here.knows(known)
    desk.change(catalog=lambda: known)
    forge.lose_answers, forge.hide_new_runs = 1, True
    lease = await desk.asked()
    await desk.reconciler.look(lease)
    sent = await desk.now()
    assert (sent.state, sent.attempt, forge.dispatches) == (State.DISPATCHING, Attempt.SENT, 1)

    providers: Mapping[str, Provider] = desk.world.providers
    desk.change(providers={})
    assert (await desk.reconciler.look(lease)).delay is not None
    stuck = await desk.now()
    assert (stuck.state, stuck.attempt) == (State.DISPATCHING, Attempt.SENT)
    assert "not set up" in stuck.note

    for each in forge.runs.values():
        each.hidden = False
    desk.change(providers=providers)
    await desk.reconciler.look(lease)
    assert (await desk.now()).state is State.RUNNING
    assert forge.dispatches == 1


class Once:
    """A queue that hands out these leases and no more."""

    def __init__(self, queue: WorkQueue, leases: tuple[Lease, ...]) -> None:
        self._queue = queue
        self._leases = leases

    def __getattr__(self, name: str) -> object:
        return getattr(self._queue, name)

    async def claim(self, limit: int) -> tuple[Lease, ...]:  # noqa: ARG002
        leases, self._leases = self._leases, ()
        return leases


async def test_who_lost_the_lease_changes_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    lease = await desk.asked()
    stale = replace(lease, fence=lease.fence - 1)
    with pytest.raises(LeaseLost):
        await desk.reconciler.look(stale)
    before = await desk.now()
    desk.change(queue=Once(desk.world.queue, (stale,)))
    await work(desk)
    assert await desk.now() == before
    assert "somebody else looks" in caplog.text
    assert desk.here.forge.dispatches == 0


async def test_the_next_one_looks_as_soon_as_the_slot_is_free(desk: Desk) -> None:
    first = await desk.asked()
    await desk.reconciler.look(first)
    second = await desk.asked()
    waits = await desk.reconciler.look(second)
    assert (await desk.now(2)).state is State.WAITING
    assert "Waiting for #1." in (await desk.now(2)).note
    await desk.world.queue.requeue(second, waits.delay)
    assert await desk.world.queue.claim(1) == ()
    running = (await desk.now(1)).run
    assert running is not None
    desk.here.forge.set_status(running.ref, RunStatus.SUCCESS)
    await desk.reconciler.look(first)
    (called,) = await desk.world.queue.claim(1)
    await desk.reconciler.look(called)
    assert (await desk.now(2)).state is State.RUNNING
    assert desk.here.forge.dispatches == 2


async def test_a_key_of_nothing_is_let_go(desk: Desk) -> None:
    lease = await desk.asked()
    assert await desk.reconciler.look(replace(lease, key="deployment/nothing")) == NEVER
