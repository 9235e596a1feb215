"""Claim a key, look at it until it needs to wait, give it back. The truth is read anew each time."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.core.errors import LeaseLost, NeedsHuman, SlipwayError, Transient, UserError
from bot.core.lifecycle import ENDS, State, Trigger, allowed
from bot.core.records import UNSENT, Deployment, Lease
from bot.core.routines import PREFIX as ROUTINES
from bot.core.steps import Step
from bot.engine import (
    alarming,
    dispatching,
    following,
    judging,
    knocking,
    landing,
    publishing,
    redelivering,
    releasing,
    reviewing,
    routines,
    run_tailing,
    scheduling,
    seeking,
    tailing,
    verifying,
    waiting,
)
from bot.engine.again import AT_ONCE, NEVER, Again
from bot.engine.changes import move, note
from bot.engine.rest import Wake, rest
from bot.engine.world import World, deployment_of, work_key

log = logging.getLogger(__name__)

Look = Callable[[World, Lease, Deployment], Awaitable[Again]]

LOOKS: Mapping[State, Look] = {
    State.REQUESTED: judging.resolve_request,
    State.SCHEDULED: scheduling.await_due,
    State.WAITING: judging.judge,
    State.READY: judging.take_slot,
    State.DISPATCHING: releasing.carry_out,
    State.RUNNING: dispatching.carry_out,
    State.CANCELLING: dispatching.carry_out,
    State.UNKNOWN: dispatching.carry_out,
    State.VERIFYING: verifying.verify,
    **dict.fromkeys(ENDS, dispatching.clear_up),
    State.BYPASSED: landing.follow,
}

OTHERS: Mapping[str, Callable[[World, Lease], Awaitable[Again]]] = {  # keys that are of no deployment
    waiting.WAITERS_KEY: waiting.look,
    knocking.PREFIX: knocking.look,
    landing.PREFIX: landing.look,
    alarming.PREFIX: alarming.look,
    reviewing.PREFIX: reviewing.look,
    ROUTINES: routines.look,
    following.PREFIX: following.look,
    seeking.PREFIX: seeking.look,
    redelivering.PREFIX: redelivering.look,
    publishing.ONE: publishing.look,
    publishing.LIST: publishing.look_through,
    tailing.PREFIX: tailing.look,
    run_tailing.PREFIX: run_tailing.look,
}

ROUNDS = 30  # steps in one look; more than any way from asked to ended has
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
KEEP_PACE = 5.0  # seconds; a lease lives several times as long
AFTER_BUG = timedelta(seconds=30)
FIRST_CLEARING, LONGEST_CLEARING = 60.0, 3600.0  # between tries to clear up after an end, in seconds
CLEARINGS = 8  # tries; about two hours


class Reconciler:
    """Looks at every key that is due, a few at a time."""

    def __init__(self, world: World, wake: Wake, parallel: int = 8) -> None:
        self._world = world
        self._wake = wake
        self._parallel = parallel
        self._under_way: dict[Lease, asyncio.Task[None]] = {}  # one key may be leased to us a second time
        self._failures: dict[str, int] = {}
        self._clearings: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled; what was under way then ends within the drain's patience."""
        while True:
            if len(self._under_way) >= self._parallel:
                await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
            free = self._parallel - len(self._under_way)
            leases = await self._claim(free)
            for lease in leases:
                self._begin(lease)
            if len(leases) < free:
                await rest(self._world.queue.next_due, self._wake)

    async def settle(self) -> None:
        """Wait for the looks that are under way."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _claim(self, free: int) -> tuple[Lease, ...]:
        try:
            return await self._world.queue.claim(free)
        except Transient as error:
            log.warning("no work could be claimed: %s", error.why)
            await self._world.clock.sleep(1.0)
            return ()

    def _begin(self, lease: Lease) -> None:
        task = asyncio.create_task(self._one(lease), name=f"look at {lease.key}")
        self._under_way[lease] = task
        task.add_done_callback(lambda _: self._under_way.pop(lease, None))

    async def _one(self, lease: Lease) -> None:
        keeping = asyncio.create_task(self._keep(lease), name=f"keep {lease.key}")
        try:
            again = await self.look(lease)
            await self._world.queue.requeue(lease, again.delay)
        except LeaseLost:
            log.info("somebody else looks at %s now", lease.key)
        except Transient as error:
            log.warning("%s: its lease runs out by itself: %s", lease.key, error.why)
        except Exception as error:
            log.error("%s can't be read; its lease runs out by itself", lease.key, exc_info=error)
        finally:
            keeping.cancel()

    async def _keep(self, lease: Lease) -> None:
        """Leases are short, so that a killed process is missed soon; a slow look must not lose its own."""
        while True:
            await self._world.clock.sleep(KEEP_PACE)
            try:
                await self._world.queue.keep(lease)
            except LeaseLost:
                return  # the look finds out at its next write
            except Transient as error:
                log.warning("the lease of %s was not extended: %s", lease.key, error.why)

    async def look(self, lease: Lease) -> Again:
        """Step by step until it has to wait."""
        for prefix, other in OTHERS.items():
            if lease.key.startswith(prefix):
                return await other(self._world, lease)
        id = deployment_of(lease.key)
        again = AT_ONCE
        for _ in range(ROUNDS):
            deployment = await self._world.queries.deployment_by_id(lease.workspace, id)
            if deployment is None:
                return NEVER
            again = await self._step(lease, deployment)
            if again is not AT_ONCE:
                return again
        return Again(timedelta(seconds=1))

    async def _step(self, lease: Lease, deployment: Deployment) -> Again:
        look = LOOKS.get(deployment.state)
        if look is None:
            return NEVER
        try:
            if deployment.state in ENDS:
                await self._call_the_next(lease, deployment)
            again = await look(self._world, lease, deployment)
        except LeaseLost:
            raise
        except Transient as error:
            return await self._try_later(lease, deployment, error)
        except (UserError, NeedsHuman) as error:
            return await self._refused(lease, deployment, error)
        except Exception as error:  # noqa: BLE001 - our own mistake must not stop the others
            return await self._our_fault(lease, deployment, error)
        self._failures.pop(lease.key, None)
        self._clearings.pop(lease.key, None)
        return again

    async def _try_later(self, lease: Lease, deployment: Deployment, error: Transient) -> Again:
        failures = self._failures.get(lease.key, 0) + 1
        self._failures[lease.key] = failures
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
        pause = error.retry_after or random.uniform(ceiling / 2, ceiling)  # jitter # nosec B311
        system = error.system or "The other side"
        await self._note(
            lease, deployment, f"{system} does not answer: {error.why}", "It is tried again by itself."
        )
        return Again(timedelta(seconds=pause))

    async def _refused(self, lease: Lease, deployment: Deployment, error: UserError | NeedsHuman) -> Again:
        """A person has to mend something: an end where nothing was sent yet, else it is said on the card."""
        if deployment.state in ENDS:
            return self._clear_later(lease, deployment, error)
        why = f"{error.what} {error.why}".strip()
        for trigger in (Trigger.REFUSE, Trigger.GO_STALE):
            if allowed(deployment.state, trigger) and deployment.attempt in UNSENT:
                async with self._world.units.begin(lease.workspace, Step.RECORD_END, lease=lease) as uow:
                    fresh = await uow.deployments.get(deployment.id)
                    if fresh.state is deployment.state:
                        await move(uow, fresh, trigger, why, error.next)
                return AT_ONCE
        await self._note(lease, deployment, why, error.next)
        return Again(timedelta(seconds=LONGEST_PAUSE))

    async def _our_fault(self, lease: Lease, deployment: Deployment, error: Exception) -> Again:
        if deployment.state in ENDS:
            return self._clear_later(lease, deployment, error)
        reference = uuid.uuid4().hex[:8]
        log.exception(
            "reference %s: #%s in %s", reference, deployment.number, deployment.state, exc_info=error
        )
        await self._note(
            lease,
            deployment,
            f"Slipway made a mistake (reference {reference}).",
            "It is tried again; tell an operator if this stays.",
        )
        return Again(AFTER_BUG)

    def _clear_later(self, lease: Lease, deployment: Deployment, error: Exception) -> Again:
        """The deployment has its end; what is left of it is the operators' business, and not for ever ours.

        The record goes on saying that it was not cleared up.
        """
        tries = self._clearings.get(lease.key, 0) + 1
        what = f"#{deployment.number} ({deployment.key}) could not be cleared up"
        if tries >= CLEARINGS:
            self._clearings.pop(lease.key, None)
            log.error("%s and is given up; do it by hand: %s", what, error, exc_info=error)
            return NEVER
        self._clearings[lease.key] = tries
        pause = min(LONGEST_CLEARING, FIRST_CLEARING * 2 ** (tries - 1))
        log.warning("%s, again in %.0f s: %s", what, pause, error)
        return Again(timedelta(seconds=pause))

    async def _note(self, lease: Lease, deployment: Deployment, why: str, next_step: str) -> None:
        if deployment.state in ENDS or deployment.state is State.UNKNOWN:  # there a question stands
            log.warning("#%s in %s: %s", deployment.number, deployment.state, why)
            return
        try:
            async with self._world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
                fresh = await uow.deployments.get(deployment.id)
                if fresh.state is deployment.state:
                    await note(uow, fresh, why, next_step)
        except LeaseLost:
            raise
        except SlipwayError as error:
            log.warning("the card could not say why #%s waits: %s", deployment.number, error)

    async def _call_the_next(self, lease: Lease, deployment: Deployment) -> None:
        """The slot is free: whoever waits for it looks again now, not at the next poll."""
        repository = deployment.request.repository if deployment.request else None
        for id in await self._world.watch.open_deployments(lease.workspace, repository):
            await self._world.queue.want(lease.workspace, work_key(id))
