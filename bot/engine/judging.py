"""From asked to the slot: find the commits, judge the gates, take the slot."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.core.catalog import Policy
from bot.core.errors import Bug, NeedsHuman, Transient
from bot.core.gates import GATES, Facts, GateState, Verdict
from bot.core.gates.model import FactKind, Known, Unreadable, passes
from bot.core.gates.queue import QUEUE
from bot.core.lifecycle import ENDS, HOLDING, State, Trigger
from bot.core.policy_version import read_policy
from bot.core.records import Deployment, Lease
from bot.core.resolving import reachable, resolve, standing
from bot.core.steps import Step
from bot.core.values import ActorKind
from bot.engine.again import AT_ONCE, Again
from bot.engine.changes import move, note
from bot.engine.intents import resolved
from bot.engine.world import World

GATE_PACE = timedelta(seconds=60)  # whoever frees a slot calls the next one at once
JUDGED_FOR = timedelta(seconds=10)  # after that, the gates are judged again before the slot is taken
NEIGHBOURS = 50


async def resolve_request(world: World, lease: Lease, deployment: Deployment) -> Again:
    """The code host did not answer when it was asked for: find the commits now."""
    wish = deployment.wish
    service, environment = world.entry(wish.service, wish.environment)
    host = world.provider(service.repository.provider).code
    stands = await standing(world.queries, lease.workspace, service, environment)
    resolution = await resolve(host, service, environment, wish, stands)
    async with world.units.begin(lease.workspace, Step.RESOLVE_REQUEST, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.REQUESTED:
            await resolved(uow, fresh, resolution, world.catalog())
    return AT_ONCE


async def judge(world: World, lease: Lease, deployment: Deployment) -> Again:
    """Every gate, under the policy it was asked under and under the present one; then the slot."""
    verdicts = await _verdicts(world, lease, deployment)
    async with world.units.begin(lease.workspace, Step.JUDGE_GATES, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        refused = next((each for each in verdicts if each.state is GateState.REFUSED), None)
        if refused is not None:
            await move(uow, fresh, Trigger.REFUSE, f"{refused.what} {refused.why}".strip(), refused.next)
            return AT_ONCE
        waiting = next((each for each in verdicts if not passes(each)), None)
        if waiting is not None:
            await note(uow, fresh, f"{waiting.what} {waiting.why}".strip(), waiting.next)
            return Again(GATE_PACE)
        await move(uow, fresh, Trigger.OPEN_GATES, "")
    return AT_ONCE


async def take_slot(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One in flight for each service and environment; the table's primary key decides."""
    async with world.units.begin(lease.workspace, Step.TAKE_SLOT, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.READY:
            return AT_ONCE
        stale = uow.now - fresh.updated_at > JUDGED_FOR
        taken = not stale and await uow.slots.take(fresh) == fresh.id
        await move(uow, fresh, Trigger.TAKE_SLOT if taken else Trigger.CLOSE_GATES, "")
    return AT_ONCE


async def _verdicts(world: World, lease: Lease, deployment: Deployment) -> tuple[Verdict, ...]:
    """Whoever waits for somebody else is told so without asking the network."""
    policies = _policies(world, deployment)
    ahead = {FactKind.AHEAD: await _ahead(world, lease, deployment)}
    now = world.clock.now()
    queued = QUEUE.judge(deployment, policies[0], ahead, now)
    if not passes(queued):
        return (queued,)
    requester = await _requester(world, lease, deployment)
    verdicts: list[Verdict] = []
    for policy in policies:
        reached = await _reachable(world, deployment, policy)
        facts: Facts = ahead | {FactKind.REQUESTER: requester, FactKind.REACHABLE: reached}
        verdicts += [gate.judge(deployment, policy, _only(facts, gate.needs), now) for gate in GATES]
    return tuple(verdicts)


def _policies(world: World, deployment: Deployment) -> tuple[Policy, ...]:
    """The one it was asked under, and the present one where that differs; each needs its own facts."""
    if deployment.policy is None:
        raise Bug("a resolved deployment has no policy")
    _, environment = world.entry(deployment.wish.service, deployment.wish.environment)
    return tuple(dict.fromkeys((read_policy(json.loads(deployment.policy)), environment.policy)))


def _only(facts: Facts, needs: frozenset[FactKind]) -> Facts:
    """A gate sees what it declared to need, and nothing else."""
    return {kind: fact for kind, fact in facts.items() if kind in needs}


async def _ahead(world: World, lease: Lease, deployment: Deployment) -> Known:
    """Who holds the slot, else who has waited longer for it."""
    wish = deployment.wish
    recent = await world.queries.recent(lease.workspace, wish.service, wish.environment, NEIGHBOURS)
    others = [each for each in recent if each.id != deployment.id and each.state not in ENDS]
    holding = [each.number for each in others if each.state in HOLDING]
    earlier = [each.number for each in others if each.number < deployment.number]
    return Known(min(holding or earlier, default=0), world.clock.now())


async def _requester(world: World, lease: Lease, deployment: Deployment) -> Known | Unreadable:
    if deployment.requested_by.kind is not ActorKind.PERSON:
        return Known(False, world.clock.now())
    try:
        person = await world.directory.person(lease.workspace, deployment.requested_by.id, fresh=True)
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(person, person.observed_at)


async def _reachable(world: World, deployment: Deployment, policy: Policy) -> Known | Unreadable:
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    service, _ = world.entry(deployment.wish.service, deployment.wish.environment)
    host = world.provider(service.repository.provider).code
    try:
        answer = await reachable(host, policy, service.repository.full_name, deployment.resolution)
    except Transient as error:
        return Unreadable(error.why)
    return Known(answer, world.clock.now())
