"""Sets a request up, lets them meet, lets the reconciler look once, and gathers what lies in the tables."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import text

from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.records import Lease, Resolution, Wish
from bot.core.resolving import Standing, resolve
from bot.core.steps import Step
from bot.core.values import Kind as WishKind
from bot.core.values import Place
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.engine.world import work_key
from tests.databases import Backend
from tests.fakes.queues import Bell
from tests.fakes.samples import actor
from tests.races.deeds import CHANNEL, Answer, Replica, Scene
from tests.races.judge import Evidence, flaws_of
from tests.races.plan import ASKER, Race, catalog_for
from tests.races.runners import runners


@dataclass
class Outcome:
    """What was seen over many races."""

    flaws: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    together: int = 0  # races in which all were under way in one moment


async def run_races(backend: Backend, url: str, races: Iterable[Race]) -> Outcome:
    """One after another."""
    outcome = Outcome()
    async with Replica(url, "arena") as replica, runners(backend, url) as run:
        arena = Arena(replica)
        for race in races:
            scene, before = await arena.set_up(race)
            answers = await run(scene)
            met = await arena.evidence(scene)
            await arena.settle(scene)
            settled = await arena.evidence(scene)
            found = flaws_of(race, (*before, *answers), met, settled)
            outcome.flaws += [f"{race}: {each}" for each in found]
            outcome.ends[settled.state] += 1
            outcome.together += max(each.began for each in answers) < min(each.ended for each in answers)
    return outcome


@dataclass
class Arena:
    """The replica that sets up and looks afterwards; what is sent, it alone sends."""

    replica: Replica
    resolution: Resolution | None = None

    async def set_up(self, race: Race) -> tuple[Scene, tuple[Answer, ...]]:
        """The request, its key in our hands, and what was decided before."""
        wish = Wish(WishKind.DEPLOY, "api", "staging", None, (), "it fixes checkout")
        catalog = catalog_for(race.needed)
        if self.resolution is None:
            (service,) = catalog.services
            host = self.replica.forge.code
            self.resolution = await resolve(host, service, service.environments[0], wish, Standing(None))
        asker = Asker(actor(ASKER), Place(CHANNEL))
        async with self.replica.store.units.begin(race.workspace, Step.HANDLE_DELIVERY) as uow:
            made = await apply(uow, AskDeployment(wish, self.resolution, CHANNEL), asker, catalog)
        assert made is not None
        assert made.digest is not None
        scene = Scene(race, made.id, made.digest, await self._claimed(race, work_key(made.id)))
        before = tuple([await self.replica.does(each, scene) for each in race.before])
        if race.opened:
            await self.replica.looks(scene, catalog, steps=1)
            assert (await self.replica.now(scene)).state is State.READY
        return scene, before

    async def _claimed(self, race: Race, key: str) -> Lease:
        while True:
            leases = await self.replica.store.work.claim(10)
            assert leases, f"nobody wants {key}"
            for lease in leases:
                if (lease.workspace, lease.key) == (race.workspace, key):
                    return lease

    async def settle(self, scene: Scene) -> None:
        """One look, under the catalog that everybody has read by now."""
        world = self.replica.world(catalog_for(scene.race.needed_today))
        await Reconciler(world, Bell()).look(scene.lease)

    async def evidence(self, scene: Scene) -> Evidence:
        """The rows as they are, and what the code host was sent."""
        workspace, store = scene.race.workspace, self.replica.store
        async with store.database.read() as connection:

            async def rows(query: str) -> list[tuple[object, ...]]:
                found = await connection.execute(text(query), {"workspace": workspace})
                return [tuple(row) for row in found]

            bodies = await rows("SELECT body FROM audit WHERE workspace_id = :workspace ORDER BY seq")
            votes = await rows("SELECT person, kind FROM votes WHERE workspace_id = :workspace")
            ((state, key),) = await rows("SELECT state, key FROM deployments WHERE workspace_id = :workspace")
            slots = await rows("SELECT deployment_id FROM slots WHERE workspace_id = :workspace")
        report = await store.audit.verify(workspace)
        return Evidence(
            trail=tuple(json.loads(bytes(body)) for (body,) in bodies),  # type: ignore[call-overload]
            votes=tuple((str(person), str(kind)) for person, kind in votes),
            state=str(state),
            slots=len(slots),
            dispatches=sum(each.spec.key == key for each in self.replica.forge.runs.values()),
            chain="" if report.broken_at is None else f"the audit chain breaks at {report.broken_at}",
        )
