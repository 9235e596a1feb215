"""A run waits at a gate and the provider asks us: whose is it, and where is its card?

The call is only a key to look at: what waits, and whether it still does, is read at the provider.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta

from bot.core.catalog import Environment, Service
from bot.core.effects import ShowCard
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.events import DeploymentAsked
from bot.core.gate_events import GateCallIgnored
from bot.core.gate_runs import GateView
from bot.core.gatekeeping import gate_name, gate_run_of, is_answered, places_of, spelled
from bot.core.lifecycle import ENDS, HOLDING
from bot.core.policy_version import asked_under
from bot.core.records import Deployment, Lease, NewDeployment, Wish
from bot.core.runs import RUN_ENDS, RunRef
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Action, Actor, ActorKind, Kind, OperationKey, Origin, Place
from bot.engine.again import NEVER, Again
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)

PREFIX = "gate/"
LATE = (1.0, 2.0, 4.0, 8.0)  # seconds between looks for a run or gate that is not shown yet
_KEY = re.compile(r"(?<![A-Za-z0-9])slw-([1-9][0-9]{0,17})-[a-z2-7]{10}(?![A-Za-z0-9])")


def key(ref: RunRef, gate: str) -> str:
    """The key under which a call is looked at."""
    return f"{PREFIX}{ref.provider}/{ref.external_id}/{ref.repository}/{gate}"


def _call_of(key: str) -> tuple[RunRef, str]:
    provider, run, owner, name, gate = key.removeprefix(PREFIX).split("/", 4)
    return RunRef(provider, f"{owner}/{name}", run), gate


async def look(world: World, lease: Lease) -> Again:
    """Lead it to the deployment that it belongs to, or make it a card of its own."""
    ref, gate = _call_of(lease.key)
    name = spelled(world.catalog(), ref.provider, ref.repository)
    if name is None:
        await _ignore(world, lease, ref, gate, "the catalog has no such repository")
        return NEVER
    ref = replace(ref, repository=name)
    try:
        view = await _view(world, lease.workspace, ref, gate)
        if view is None or gate not in view.waits:
            return NEVER  # it has been decided, or it was none
        mine = await _owner(world, lease.workspace, view, gate)
        if mine is not None:
            await world.queue.want(lease.workspace, work_key(mine.id))
            return NEVER
        await _take_up(world, lease, view, gate)
    except Transient as error:
        log.warning("what waits at %s can't be read: %s", lease.key, error.why)
        return Again(timedelta(seconds=error.retry_after or LATE[-1]))
    except (NeedsHuman, UserError) as error:
        await _ignore(world, lease, ref, gate, f"{error.what} {error.why}".strip())
    return NEVER


async def _view(world: World, workspace: str, ref: RunRef, gate: str) -> GateView | None:
    """As it is now; what has just begun may be missing from an answer for a while."""
    ci = world.provider(ref.provider).ci
    view = await ci.gates(ref)
    for pause in LATE:
        if view is not None and (gate in view.waits or await _is_over(world, workspace, view, gate)):
            break
        await world.clock.sleep(pause)
        view = await ci.gates(ref)
    return view


async def _is_over(world: World, workspace: str, view: GateView, gate: str) -> bool:
    """Whether it has been decided for certain: to look again would only keep others waiting."""
    if view.run.status in RUN_ENDS:
        return True
    ours = await world.watch.of_run(workspace, view.run.ref)
    return any(is_answered(each, gate, view.run.attempt) for each in ours)


async def _owner(world: World, workspace: str, view: GateView, gate: str) -> Deployment | None:
    """The deployment that this attempt asks for at this gate; what was just sent may not know its run."""
    for each in await world.watch.of_run(workspace, view.run.ref):
        same = each.run is not None and each.run.attempt == view.run.attempt
        if same and gate_of(each) == gate:
            return each
    return await just_sent(world, workspace, view, gate)


async def just_sent(world: World, workspace: str, view: GateView, gate: str) -> Deployment | None:
    """One whose key the run carries, and that may not know its run yet.

    The key is no secret at the code host: what has ended answers for no run any more.
    """
    for sent in await _named(world, workspace, view):
        unseen = sent.state in HOLDING and sent.run is None and sent.attempted_at is not None
        same = sent.request is not None and sent.request.repository == view.run.ref.repository
        if unseen and same and gate_of(sent) == gate:
            return sent
    return None


async def ended_before(world: World, workspace: str, view: GateView) -> Deployment | None:
    """One that has ended and whose key the run carries all the same."""
    named = await _named(world, workspace, view)
    return next((each for each in named if each.state in ENDS), None)


async def _named(world: World, workspace: str, view: GateView) -> list[Deployment]:
    """Those whose keys stand in its branch or title, where whoever may push can write them."""
    found = [
        (match[0], await world.queries.deployment(workspace, int(match[1])))
        for match in _KEY.finditer(f"{view.branch} {view.run.title}")
    ]
    return [each for key, each in found if each is not None and each.key == OperationKey(key)]


def gate_of(deployment: Deployment) -> str:
    """What the provider calls the environment that it goes to; empty where that was never read."""
    if deployment.gate_run is not None:
        return deployment.gate_run.gate
    policy = asked_under(deployment)
    return gate_name(policy, deployment.wish.environment) if policy else ""


async def _take_up(world: World, lease: Lease, view: GateView, gate: str) -> None:
    """Nobody asked for it here: the same card, for who may decide; several places can't share one answer."""
    ref = view.run.ref
    places = places_of(world.catalog(), ref.provider, ref.repository, gate, view.workflow)
    if len(places) != 1:
        names = " and ".join(f"{service.name} in {environment.name}" for service, environment in places)
        why = f"{names} share this gate" if places else "the catalog has no `start: gate` for it"
        await _ignore(world, lease, ref, gate, why)
        return
    service, environment = places[0]
    channel, why = await channel_for(world, lease.workspace, service, environment)
    if channel is None:
        await _ignore(world, lease, ref, gate, why)
        return
    asker = await asker_of(world, lease.workspace, view)
    await _open_card(world, lease, view, gate, service, environment, channel, asker)


async def channel_for(
    world: World, workspace: str, service: Service, environment: Environment
) -> tuple[str | None, str]:
    """Where the card of what nobody asked for here may stand; where nowhere, why."""
    channel = world.catalog().channel_of(service, environment)
    if channel is None:
        return None, f"there is no channel for the card of {service.name}"
    if not service.external and await world.channels.outside(workspace, channel):
        return None, f"{channel} is shared with people of other organisations, who would read the card"
    return channel, ""


async def _open_card(
    world: World,
    lease: Lease,
    view: GateView,
    gate: str,
    service: Service,
    environment: Environment,
    channel: str,
    asker: Actor,
) -> None:
    run, waits = view.run, gate_run_of(view, gate)
    wish = Wish(Kind.DEPLOY, service.name, environment.name, run.head_sha, (), "")
    new = NewDeployment(
        wish, Origin.PROVIDER, Action.ANSWER_GATE, asker, Place(channel), channel, gate_run=waits
    )
    async with world.units.begin(lease.workspace, Step.OPEN_GATE_CARD, lease=lease) as uow:
        added = await uow.deployments.add(new)
        made = await uow.deployments.save(replace(added, run=run))
        asked = DeploymentAsked(
            made.id, made.number, service.name, environment.name, run.head_sha, waits.identity
        )
        await uow.record(asked, asker)
        await uow.show(ShowCard(made.id))
        await uow.work.want(work_key(made.id))


async def asker_of(world: World, workspace: str, view: GateView) -> Actor:
    """The person who proved that this account is theirs, else the account itself."""
    provider = view.run.ref.provider
    account = Actor(ActorKind.ACCOUNT, f"{provider}:{view.actor_id}", view.actor or "somebody")
    link = await world.book.holder(workspace, provider, view.actor_id) if view.actor_id else None
    if link is None:
        return account
    person = await world.directory.person(workspace, link.person)
    return Actor(ActorKind.PERSON, person.id, person.name)


async def _ignore(world: World, lease: Lease, ref: RunRef, gate: str, why: str) -> None:
    """It stays shut; the trail says why."""
    log.warning("run %s of %s waits at %s and stays there: %s", ref.external_id, ref.repository, gate, why)
    async with world.units.begin(lease.workspace, Step.OPEN_GATE_CARD, lease=lease) as uow:
        await uow.record(GateCallIgnored(ref.repository, ref.external_id, gate, why), SLIPWAY)
