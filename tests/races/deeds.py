"""One replica of Slipway: it carries out what a person decided, or looks at a request by itself."""

from __future__ import annotations

import time
import traceback
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from bot.core.catalog import Catalog
from bot.core.errors import Transient, UserError
from bot.core.intents import (
    CancelDeployment,
    CastVote,
    HandOver,
    Intent,
    OverrideGate,
    PutQuarantine,
    TakeBackVote,
    TakeLock,
    TickItem,
)
from bot.core.lifecycle import State
from bot.core.locks import Scope
from bot.core.overrides import Overridable
from bot.core.records import Deployment, Lease
from bot.core.steps import Step
from bot.core.values import DeploymentId, Place, Sha
from bot.core.votes import VoteKind
from bot.engine.again import AT_ONCE
from bot.engine.clock import SystemClock
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import LOOKS
from bot.engine.world import World
from bot.store.store import Store
from tests.fakes.chat import FakeDirectory
from tests.fakes.forge import FakeForge, FakeWorkflow, seeded
from tests.fakes.samples import PIPELINE, actor
from tests.fakes.world import world_of
from tests.races.plan import BY_REPLICA, ITEM, PEOPLE, Deed, Kind, Race

LONG = timedelta(days=1)  # no lease runs out while somebody watches
TRIES = 5
BEFORE_SLOT = frozenset({State.WAITING, State.READY})
CHANNEL = "C0DEPLOYS1"


@dataclass(frozen=True, slots=True)
class Scene:
    """A race that is about to begin: the request as everybody sees it, and the key under which to look."""

    race: Race
    id: DeploymentId
    digest: str
    sha: Sha
    lease: Lease


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a deed: done, or why not; `broken` holds a mistake of ours."""

    deed: Deed
    done: bool
    told: str = ""
    broken: str = ""
    began: float = 0.0
    ended: float = 0.0


def equipped_forge() -> FakeForge:
    """The same code host for every replica."""
    forge = seeded(SystemClock())
    forge.workflows["deploy.yml"] = FakeWorkflow(
        ("environment", "version"), ("operation", *(each.name for each in PIPELINE.accepts))
    )
    return forge


@dataclass
class Replica:
    """`async with Replica(url, name) as replica`: a store of its own on the common database."""

    url: str
    name: str
    forge: FakeForge = field(default_factory=equipped_forge)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.clock = SystemClock()
        self.store = await self._open.enter_async_context(
            Store(self.url, self.clock, owner=self.name, lease=LONG)
        )
        await self.store.queries.deployment("nobody", 1)  # the connections stand before the first race
        async with self.store.units.begin("nobody", Step.READ):
            pass
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def world(self, catalog: Catalog) -> World:
        """What a look needs, under this catalog."""
        return world_of(self.store, self.forge, self.clock, lambda: catalog, FakeDirectory(dict(PEOPLE)))

    async def does(self, deed: Deed, scene: Scene) -> Answer:
        """Never raises: what went wrong is part of the answer."""
        began = time.monotonic()
        done, told, broken = False, "", ""
        try:
            await self._persists(deed, scene)
            done = True
        except UserError as error:
            told = f"{error.what} {error.why}"
        except Exception:  # noqa: BLE001 - the judge tells of it
            broken = traceback.format_exc()
        return Answer(deed, done, told, broken, began, time.monotonic())

    async def _persists(self, deed: Deed, scene: Scene) -> None:
        """As the inbox and the reconciler do: what could not be kept is tried again."""
        for _ in range(TRIES):
            with suppress(Transient):
                await self._does(deed, scene)
                return
        await self._does(deed, scene)

    async def _does(self, deed: Deed, scene: Scene) -> None:
        if deed.kind not in BY_REPLICA:
            await self.decides(deed, scene, intent_of(deed, scene))
            return
        strictly = deed.kind is Kind.LOOK_STRICTLY
        await self.looks(scene, scene.race.strict if strictly else scene.race.catalog)

    async def decides(self, deed: Deed, scene: Scene, intent: Intent) -> None:
        """In one unit of work, as whoever handles a delivery does it."""
        asker = Asker(actor(PEOPLE[deed.person]), Place(CHANNEL))
        async with self.store.units.begin(scene.race.workspace, Step.HANDLE_DELIVERY) as uow:
            await apply(uow, intent, asker, scene.race.catalog)

    async def looks(self, scene: Scene, catalog: Catalog, steps: int = 10) -> None:
        """Until it has to wait, or has the slot; sending is not part of a race."""
        world = self.world(catalog)
        for _ in range(steps):
            found = await self.now(scene)
            if found.state not in BEFORE_SLOT:
                return
            if await LOOKS[found.state](world, scene.lease, found) is not AT_ONCE:
                return

    async def now(self, scene: Scene) -> Deployment:
        """What is on record."""
        found = await self.store.queries.deployment_by_id(scene.race.workspace, scene.id)
        assert found is not None
        return found


def intent_of(deed: Deed, scene: Scene) -> Intent:
    """What a person decides, by a button that shows what stands there."""
    person, place = PEOPLE[deed.person], Scope("api", "staging")
    match deed.kind:
        case Kind.APPROVE:
            return CastVote(1, scene.digest, VoteKind.APPROVE, person)
        case Kind.REJECT:
            return CastVote(1, scene.digest, VoteKind.REJECT, person)
        case Kind.TAKE_BACK:
            return TakeBackVote(1)
        case Kind.CANCEL:
            return CancelDeployment(1)
        case Kind.LOCK:
            return TakeLock(place, "incident 4711")
        case Kind.TICK | Kind.UNTICK:
            return TickItem(1, scene.digest, ITEM, deed.kind is Kind.TICK)
        case Kind.QUARANTINE:
            return PutQuarantine(place, scene.sha, "main", "it corrupts carts")
        case Kind.OVERRIDE:
            return OverrideGate(1, scene.digest, Overridable.QUARANTINE, person, "there are no carts here")
        case Kind.HAND_OVER:
            return HandOver(1, 2, person, "the fix can't wait")
        case Kind.LOOK | Kind.LOOK_STRICTLY:
            raise AssertionError("nobody decides that")
