"""A pipeline that the push of a tag starts, over a real database: once, at the commit that was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.pipelines import Start
from bot.core.records import Deployment
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.values import Place
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.store.store import Store
from bot.strategies.dispatch import LISTING_LAG
from tests.databases import Backend
from tests.fakes.forge import FakeForge, FakeWorkflow, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import LINUS, PIPELINE, TEAM, actor, catalog, policy, service, wish
from tests.fakes.world import world_of

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
BY_TAG = replace(PIPELINE, start=Start.TAG, workflow="release.yml", inputs=(), accepts=())


@dataclass
class Desk:
    """One deployment, and looks at it until it waits."""

    store: Store
    clock: StillClock
    forge: FakeForge

    async def asks(self, tag: str | None) -> Deployment:
        """As it stands after the first look; it is looked at while it waits for its run."""
        known = catalog(service("api", Environment("staging", policy(pipeline=replace(BY_TAG, tag=tag)))))
        self.world = world_of(self.store, self.forge, self.clock, lambda: known)
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            ask = AskDeployment(wish(inputs=()), None, "#api-deploys")
            await apply(uow, ask, Asker(actor(LINUS), Place("C1")), known)
        (self.lease,) = await self.world.queue.claim(1)
        return await self.looks()

    async def looks(self, after: timedelta = timedelta()) -> Deployment:
        self.clock.time += after
        await Reconciler(self.world, Bell()).look(self.lease)
        found = await self.store.queries.deployment(TEAM, 1)
        assert found is not None
        return found

    async def ends(self, running: Deployment) -> Deployment:
        """Its run succeeds."""
        assert running.run is not None, running.note
        self.forge.set_status(running.run.ref, RunStatus.SUCCESS)
        return await self.looks(timedelta(seconds=3))

    @property
    def tags(self) -> list[str]:
        return [name.removeprefix(TAGS) for name in self.forge.git.refs if "slw-" in name]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Desk(store, clock, seeded(clock))


@pytest.mark.parametrize("lost", [0, 1], ids=["answered", "lost answer"])
async def test_it_is_pushed_once_and_the_catalogs_tag_stays(desk: Desk, lost: int) -> None:
    desk.forge.lose_answers = lost
    running = await desk.asks("v-{environment}-{key}")
    assert running.state is State.RUNNING
    tip = desk.forge.git.refs[HEADS + "main"]
    assert running.request is not None
    assert (running.request.release_sha, running.request.workflow_sha) == (tip, tip)
    assert running.request.dispatch_ref == f"{TAGS}v-staging-{running.key}"
    assert (await desk.ends(running)).state is State.SUCCEEDED
    assert desk.tags == [f"v-staging-{running.key}"]
    assert len(desk.forge.runs) == 1


async def test_a_tag_of_our_own_name_goes_with_the_end(desk: Desk) -> None:
    desk.forge.workflows["release.yml"] = FakeWorkflow(tags="slipway/*")
    running = await desk.asks(None)
    assert desk.tags == [f"slipway/{running.key}"]
    assert (await desk.ends(running)).state is State.SUCCEEDED
    assert desk.tags == []


async def test_a_tag_that_starts_nothing_makes_a_person_look(desk: Desk) -> None:
    sent = await desk.asks("release-{key}")
    assert sent.state is State.DISPATCHING
    lost = await desk.looks(LISTING_LAG)
    assert lost.state is State.UNKNOWN
    assert f"No run of release.yml shows up for the tag release-{lost.key}" in lost.note
    assert "`on: push: tags`" in lost.next_step
    await desk.looks(LISTING_LAG)
    assert desk.forge.runs == {}


async def test_a_tag_of_that_name_elsewhere_is_refused_and_not_moved(desk: Desk) -> None:
    desk.forge.down = True
    waiting = await desk.asks("v-{key}")
    other = desk.forge.git.refs[TAGS + "v1.0.0"]
    desk.forge.git.refs[f"{TAGS}v-{waiting.key}"] = other
    desk.forge.down = False
    refused = await desk.looks(timedelta(minutes=1))
    assert refused.state is State.FAILED
    assert f"stands at {other}" in refused.note
    assert desk.forge.git.refs[f"{TAGS}v-{waiting.key}"] == other
    assert desk.forge.runs == {}
