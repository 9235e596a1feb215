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
from tests.races.deeds import CHANNEL, Replica, Scene, intent_of
from tests.races.judge import Evidence, flaws_of
from tests.races.plan import ASKER, DECIDERS, Race, before, catalog_for
from tests.races.runners import runners

WISH = Wish(WishKind.DEPLOY, "api", "staging", None, (), "it fixes checkout")
HERE = Place(CHANNEL)


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
            scene = await arena.set_up(race)
            answers = await run(scene)
            records = await arena.records(scene)
            await arena.settle(scene)
            evidence = await arena.evidence(scene, records)
            outcome.flaws += [f"{race}: {each}" for each in flaws_of(race, answers, evidence)]
            outcome.ends[evidence.state] += 1
            outcome.together += max(each.began for each in answers) < min(each.ended for each in answers)
    return outcome


@dataclass
class Arena:
    """The replica that sets up and looks afterwards; what is sent, it alone sends."""

    replica: Replica
    resolution: Resolution | None = None

    async def set_up(self, race: Race) -> Scene:
        """The request with what was decided on it before, and its key in our hands."""
        catalog, release = race.catalog, await self._resolved()
        async with self.replica.store.units.begin(race.workspace, Step.HANDLE_DELIVERY) as uow:
            wanted = AskDeployment(WISH, release, CHANNEL)
            made = await apply(uow, wanted, Asker(actor(ASKER), HERE), catalog)
            assert made is not None
            assert made.digest is not None
            if race.newer:
                await apply(uow, wanted, Asker(actor(DECIDERS[0]), HERE), catalog)
        lease = await self._claimed(race, work_key(made.id))
        scene = Scene(race, made.id, made.digest, release.release.sha, lease)
        for deed in before(race):
            await self.replica.decides(deed, scene, intent_of(deed, scene))
        if race.kept:
            await self.replica.looks(scene, catalog, steps=1)
        if race.opened:
            await self.replica.looks(scene, catalog, steps=1)
            assert (await self.replica.now(scene)).state is State.READY
        return scene

    async def _resolved(self) -> Resolution:
        """The same release each time."""
        if self.resolution is None:
            (service,) = catalog_for(1, False).services
            host = self.replica.forge.code
            self.resolution = await resolve(host, service, service.environments[0], WISH, Standing(None))
        return self.resolution

    async def _claimed(self, race: Race, key: str) -> Lease:
        while True:
            leases = await self.replica.store.work.claim(10)
            assert leases, f"nobody wants {key}"
            for lease in leases:
                if (lease.workspace, lease.key) == (race.workspace, key):
                    return lease

    async def settle(self, scene: Scene) -> None:
        """One look, under the catalog that everybody has read by now."""
        world = self.replica.world(scene.race.catalog_today)
        await Reconciler(world, Bell()).look(scene.lease)

    async def records(self, scene: Scene) -> int:
        """How long the audit trail is."""
        async with self.replica.store.database.read() as connection:
            query = text("SELECT count(*) FROM audit WHERE workspace_id = :workspace")
            found = await connection.execute(query, {"workspace": scene.race.workspace})
            return int(found.scalar_one())

    async def evidence(self, scene: Scene, records: int) -> Evidence:
        """The rows as they are, and what the code host was sent."""
        workspace, store = scene.race.workspace, self.replica.store
        async with store.database.read() as connection:

            async def rows(query: str) -> list[tuple[object, ...]]:
                found = await connection.execute(text(query), {"workspace": workspace})
                return [tuple(row) for row in found]

            bodies = await rows("SELECT body FROM audit WHERE workspace_id = :workspace ORDER BY seq")
            votes = await rows("SELECT person, kind FROM votes WHERE workspace_id = :workspace")
            first = "SELECT state, key FROM deployments WHERE workspace_id = :workspace AND number = 1"
            ((state, key),) = await rows(first)
            slots = await rows("SELECT deployment_id FROM slots WHERE workspace_id = :workspace")
        report = await store.audit.verify(workspace)
        return Evidence(
            trail=tuple(json.loads(bytes(body)) for (body,) in bodies),  # type: ignore[call-overload]
            records=records,
            votes=tuple((str(person), str(kind)) for person, kind in votes),
            state=str(state),
            slots=len(slots),
            dispatches=sum(each.spec.key == key for each in self.replica.forge.runs.values()),
            chain="" if report.broken_at is None else f"the audit chain breaks at {report.broken_at}",
        )
