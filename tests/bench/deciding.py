"""What a decision costs where ten thousand other requests wait, against what it costs where ten do.

A decision is the last vote and the look after it, up to the dispatch. The others wait in the same places,
later in line: whoever decides must not read them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Table, insert, select, text

from bot.core.catalog import Catalog
from bot.core.intents import AskDeployment, CastVote
from bot.core.lifecycle import State
from bot.core.records import Deployment, Lease
from bot.core.resolving import Standing, resolve
from bot.core.steps import Step
from bot.core.values import DeploymentId, Place
from bot.core.votes import VoteKind
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.engine.world import work_key
from bot.store.ids import new_id
from bot.store.tables import deployments, leases, work
from tests.bench.figures import Line, Target
from tests.databases import Backend
from tests.fakes.queues import Bell
from tests.fakes.samples import actor
from tests.races.arena import WISH
from tests.races.deeds import CHANNEL, Replica
from tests.races.plan import ASKER, DECIDERS, catalog_for

FEW = 10
PLACE = catalog_for(1, listed=False)
DECISIONS = 12  # of each round, in turns
NEARLY_AS_CHEAP = Target(1.2, at_most=True)
TEAM = "T0CROWD001"
FIRST_NUMBER = 1_000_000  # of the crowd: later than whatever is decided on
AT_ONCE = 500  # rows of one statement


async def deciding(backend: Backend, few: str, many: str, rounds: int, crowd: int) -> Line:
    """Both databases in turns, so that a busy minute hurts both."""
    places = rounds * DECISIONS + 1
    async with AsyncExitStack() as around:
        towns = [Town(await around.enter_async_context(Replica(url, "bench")), places) for url in (few, many)]
        for town, size in zip(towns, (FEW, crowd), strict=True):
            await town.gather(size)
        took: list[list[float]] = [[], []]
        for _ in range(rounds * DECISIONS):
            for town, times in zip(towns, took, strict=True):
                times.append(await town.decide())
    cheap, dear = (median(times) * 1000 for times in took)
    what = f"{backend.value}: deciding, {crowd:,} wait, {FEW} wait"
    return Line(what, f"{dear:.1f} ms", f"{cheap:.1f} ms", dear / cheap, NEARLY_AS_CHEAP)


@dataclass
class Town:
    """A database with its crowd, and the replica that decides there."""

    replica: Replica
    places: int
    catalog: Catalog = field(init=False)
    asked: int = 0

    def __post_init__(self) -> None:
        (one,) = PLACE.services
        names = [f"service-{number}" for number in range(self.places)]
        self.catalog = replace(PLACE, services=tuple(replace(one, name=name) for name in names))

    async def decide(self) -> float:
        """Seconds from the vote to the dispatch."""
        asked = await self._ask()
        lease = await self._lease(work_key(asked.id))
        look = Reconciler(self.replica.world(self.catalog), Bell()).look
        voter = DECIDERS[0]
        began = time.perf_counter()
        async with self.replica.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            vote = CastVote(asked.number, asked.digest or "", VoteKind.APPROVE, voter)
            await apply(uow, vote, Asker(actor(voter), Place(CHANNEL)), self.catalog)
        await look(lease)
        took = time.perf_counter() - began
        found = await self.replica.store.queries.deployment(TEAM, asked.number)
        if found is None or found.state not in (State.DISPATCHING, State.RUNNING):
            raise RuntimeError(f"it was decided, and did not start: {found}")
        return took

    async def gather(self, count: int) -> None:
        """So many others wait, spread over all places."""
        model = await self._ask()
        await self._lease(work_key(model.id))
        ids = [new_id() for _ in range(count)]
        async with self.replica.store.database.write() as connection:

            async def copy(table: Table, which: Any, changes: Sequence[dict[str, object]]) -> None:
                row = (await connection.execute(select(table).where(which))).mappings().one()
                for start in range(0, count, AT_ONCE):
                    rows = [{**row, **each} for each in changes[start : start + AT_ONCE]]
                    await connection.execute(insert(table), rows)

            key, tomorrow = work_key(model.id), self.replica.clock.now() + timedelta(days=1)
            others = [self._other(*each) for each in enumerate(ids)]
            await copy(deployments, deployments.c.id == model.id, others)
            keys = [work_key(DeploymentId(id)) for id in ids]
            await copy(leases, leases.c.key == key, [{"key": each, "until": None} for each in keys])
            await copy(work, work.c.key == key, [{"key": each, "due_at": tomorrow} for each in keys])
            await connection.execute(text("ANALYZE"))

    def _other(self, index: int, id: str) -> dict[str, object]:
        number = FIRST_NUMBER + index
        name = self.catalog.services[index % self.places].name
        return {"id": id, "number": number, "key": f"slw-{number}-crowd", "service": name}

    async def _ask(self) -> Deployment:
        """In a place where nothing is under way."""
        (service,) = PLACE.services
        wish = replace(WISH, service=self.catalog.services[self.asked].name)
        self.asked += 1
        found = await resolve(self.replica.forge.code, service, service.environments[0], wish, Standing(None))
        async with self.replica.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            asker = Asker(actor(ASKER), Place(CHANNEL))
            made = await apply(uow, AskDeployment(wish, found, CHANNEL), asker, self.catalog)
        if made is None or made.state is not State.WAITING:
            raise RuntimeError(f"it does not wait: {made}")
        return made

    async def _lease(self, key: str) -> Lease:
        for lease in await self.replica.store.work.claim(1):
            if lease.key == key:
                return lease
        raise RuntimeError(f"nobody wants {key}")
