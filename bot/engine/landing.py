"""Something reached an environment: was it let in here? If not, it is what runs there now, unapproved.

The delivery is only a key to look at: what arrived, when and by which run is read at the provider.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.catalog import Environment, Service
from bot.core.effects import ShowCard
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.gate_events import LandingUnplaced, ReachedUnapproved
from bot.core.gate_runs import GateView
from bot.core.gatekeeping import gate_name, gate_run_of, spelled
from bot.core.hints import Hint
from bot.core.landing_ports import Landing
from bot.core.landings import (
    WHAT_NEXT,
    goes_as_asked,
    guarded_places,
    how_it_came,
    of_same_attempt,
    was_let_in,
    what_is_known,
)
from bot.core.lifecycle import ENDS, HOLDING, State, Trigger
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment, Lease, NewDeployment, Resolution, Wish
from bot.core.resolving import as_it_runs, standing
from bot.core.runs import RUN_ENDS, RunRef, RunStatus
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Action, Actor, ActorKind, Kind, Origin, Place
from bot.engine.again import NEVER, Again
from bot.engine.answering import turn_away
from bot.engine.changes import move
from bot.engine.knocking import asker_of, channel_for, ended_before, gate_of, just_sent
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)

PREFIX = "landing/"
JOB = "landing"
SOON = timedelta(seconds=5)  # a card of ours is about to learn of it
PACE, SLOWEST = timedelta(seconds=60), timedelta(hours=1)
RECENT = 20


def key(provider: str, hint: Hint) -> str:
    """The key under which it is looked at."""
    return f"{PREFIX}{provider}/{hint.landing}/{hint.run or ''}/{hint.repository}/{hint.environment}"


async def look(world: World, lease: Lease) -> Again:
    """Read what it was, where it matters; what we let in ourselves needs no second word."""
    provider, id, run, owner, name, gate = lease.key.removeprefix(PREFIX).split("/", 5)
    repository = spelled(world.catalog(), provider, f"{owner}/{name}")
    if repository is None or not guarded_places(world.catalog(), provider, repository, gate):
        return NEVER
    gate = _written(world, provider, repository, gate)
    if run and await _is_followed(world, lease.workspace, RunRef(provider, repository, run), gate):
        return NEVER
    landings = world.provider(provider).landings
    try:
        landing = await landings.read(repository, id) if landings else None
        if landing is None:
            return NEVER
        gate = _written(world, provider, repository, landing.environment)
        return await _judge(world, lease, provider, replace(landing, environment=gate))
    except Transient as error:
        log.warning("what is behind %s can't be read: %s", lease.key, error.why)
        return Again(timedelta(seconds=error.retry_after) if error.retry_after else PACE)
    except (NeedsHuman, UserError) as error:
        await _give_up(world, lease, repository, id, gate, f"{error.what} {error.why}".strip())
    return NEVER


def _written(world: World, provider: str, repository: str, gate: str) -> str:
    """The environment as the catalog writes it: whoever starts a run may write it otherwise."""
    places = guarded_places(world.catalog(), provider, repository, gate)
    return gate_name(places[0][1].policy, places[0][1].name) if places else gate


async def follow(world: World, lease: Lease, deployment: Deployment) -> Again:
    """A run that went past us, until it is known whether its release runs there; deliveries get lost."""
    run, gate = deployment.run, deployment.gate_run
    turned = await turn_away(world, lease, deployment, gate) if gate else NEVER  # another job may wait there
    if turned is not NEVER:
        return turned
    if deployment.landed_at is not None or run is None or run.status in RUN_ENDS:
        return NEVER
    seen = await world.provider(run.ref.provider).ci.observe(run.ref)
    if seen is None or seen.attempt != run.attempt:
        return NEVER  # a new attempt asks by itself
    if seen.status not in RUN_ENDS:
        age = world.clock.now() - (deployment.ended_at or deployment.updated_at)
        return Again(min(SLOWEST, max(PACE, age / 10)))
    async with world.units.begin(lease.workspace, Step.RECORD_LANDING, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.landed_at is None and seen.status is RunStatus.SUCCESS:
            await _landed(uow, replace(fresh, run=seen), seen.ended_at or uow.now)
        elif fresh.landed_at is None:
            await uow.deployments.save(replace(fresh, run=seen))
            await uow.show(ShowCard(fresh.id))
    return NEVER


async def _is_followed(world: World, workspace: str, run: RunRef, gate: str) -> bool:
    """Whether it is of a deployment of ours that is under way: that one looks after it."""
    found = await world.watch.of_run(workspace, run)
    held = [each for each in found if each.state in HOLDING and was_let_in(each) and gate_of(each) == gate]
    return any(goes_as_asked(each, each.run) for each in held)


async def _judge(world: World, lease: Lease, provider: str, landing: Landing) -> Again:
    gate, run = landing.environment, landing.run
    view = await world.provider(provider).ci.gates(run) if run else None
    found = await world.watch.of_run(lease.workspace, run) if run else ()
    mine = of_same_attempt(
        [each for each in found if gate_of(each) == gate], landing, view.run if view else None
    )
    if any(was_let_in(each) and goes_as_asked(each, view.run if view else each.run) for each in mine):
        return NEVER
    if view is not None and await just_sent(world, lease.workspace, view, gate) is not None:
        return Again(PACE)
    passed = next((each for each in mine if each.state is State.BYPASSED), None)
    if passed is not None:
        async with world.units.begin(lease.workspace, Step.RECORD_LANDING, lease=lease) as uow:
            fresh = await uow.deployments.get(passed.id)
            if fresh.landed_at is None:
                await _landed(uow, fresh, landing.at)
            await uow.work.want(work_key(fresh.id))  # its run need not be followed any more
        return NEVER
    moving = next((each for each in mine if each.state not in ENDS and not was_let_in(each)), None)
    if moving is not None and not (view and gate in view.ours):  # what waits on there does not learn of it
        await world.queue.want(lease.workspace, work_key(moving.id))
        return Again(min(SLOWEST, max(SOON, (world.clock.now() - landing.at) / 2)))
    return await _take_up(world, lease, provider, landing, view, moving)


async def _take_up(
    world: World,
    lease: Lease,
    provider: str,
    landing: Landing,
    view: GateView | None,
    waits: Deployment | None,
) -> Again:
    """It has no card that could say so: it gets one, which ends with that."""
    repository, gate = landing.repository, landing.environment
    workflow = view.workflow if view else ""
    places = guarded_places(world.catalog(), provider, repository, gate, workflow)
    if len(places) != 1:
        names = " and ".join(f"{service.name} in {environment.name}" for service, environment in places)
        why = f"it may be {names}" if places else "the catalog guards no such environment"
        await _give_up(world, lease, repository, landing.id, gate, why)
        return NEVER
    service, environment = places[0]
    channel, why = await channel_for(world, lease.workspace, service, environment)
    if channel is None:
        await _give_up(world, lease, repository, landing.id, gate, why)
        return NEVER
    host = world.provider(service.repository.provider).code
    stands = await standing(world.queries, lease.workspace, service, environment)
    resolution = await as_it_runs(host, service, environment, landing.sha, stands)
    recent = await world.queries.recent(lease.workspace, service.name, environment.name, RECENT)
    if _is_known(recent, landing):
        return NEVER
    asker = await asker_of(world, lease.workspace, view) if view else _account(provider, landing)
    ended = await ended_before(world, lease.workspace, view) if view else None
    why = how_it_came(landing, view, environment.name, what_is_known(waits, ended))
    await _record(world, lease, landing, view, (service, environment, channel), resolution, asker, why)
    return NEVER


def _is_known(recent: Sequence[Deployment], landing: Landing) -> bool:
    """What no run brought has no name of its own by which it could be found again."""
    return landing.run is None and any(
        each.state is State.BYPASSED
        and each.landed_at == landing.at
        and each.resolution is not None
        and each.resolution.release.sha == landing.sha
        for each in recent
    )


async def _record(
    world: World,
    lease: Lease,
    landing: Landing,
    view: GateView | None,
    place: tuple[Service, Environment, str],
    resolution: Resolution,
    asker: Actor,
    why: str,
) -> None:
    service, environment, channel = place
    wish = Wish(Kind.DEPLOY, service.name, environment.name, landing.sha, (), "")
    new = NewDeployment(
        wish,
        Origin.PROVIDER,
        Action.ANSWER_GATE,
        asker,
        Place(channel),
        channel,
        gate_run=gate_run_of(view, landing.environment) if view else None,
    )
    async with world.units.begin(lease.workspace, Step.RECORD_LANDING, lease=lease) as uow:
        if view is not None and not await uow.turns.take(JOB, _attempt_at(view, landing.environment)):
            return  # another job of this attempt arrived in the same moment
        added = await uow.deployments.add(new)
        kept = replace(added, run=view.run if view else None, resolution=resolution)
        gone = await move(uow, kept, Trigger.BYPASS, why, WHAT_NEXT, asker)
        await _landed(uow, gone, landing.at)


def _attempt_at(view: GateView, gate: str) -> str:
    ref = view.run.ref
    return f"{ref.provider}/{ref.repository}/{ref.external_id}/{view.run.attempt}/{gate}"


async def _landed(uow: UnitOfWork, deployment: Deployment, at: datetime) -> None:
    """By the provider's clock, which may be ahead of ours."""
    kept = await uow.deployments.save(replace(deployment, landed_at=min(at, uow.now)))
    gate, resolution = kept.gate_run, kept.resolution
    event = ReachedUnapproved(
        kept.id,
        kept.number,
        gate.gate if gate else kept.wish.environment,
        resolution.release.sha if resolution else "",
        gate.ref.external_id if gate else "",
        gate.attempt if gate else 0,
        gate.workflow if gate else "",
        gate.actor if gate else kept.requested_by.name,
    )
    await uow.record(event, SLIPWAY)
    await uow.show(ShowCard(kept.id))


def _account(provider: str, landing: Landing) -> Actor:
    return Actor(ActorKind.ACCOUNT, f"{provider}:{landing.actor_id}", landing.actor or "somebody")


async def _give_up(world: World, lease: Lease, repository: str, id: str, gate: str, why: str) -> None:
    """Nobody can say what runs there; the trail says so."""
    log.warning("something reached %s of %s (%s) without us: %s", gate, repository, id, why)
    async with world.units.begin(lease.workspace, Step.RECORD_LANDING, lease=lease) as uow:
        await uow.record(LandingUnplaced(repository, id, gate, why), SLIPWAY)
