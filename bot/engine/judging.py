"""From asked to the slot: find the commits, judge the gates, take the slot."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.core.errors import Bug, Transient
from bot.core.gates import GATES, Facts, GateState, Verdict
from bot.core.gates.model import FactKind, Known, Unreadable, passes
from bot.core.lifecycle import State, Trigger
from bot.core.policy_version import read_policy
from bot.core.records import Deployment, Lease
from bot.core.resolving import Standing, reachable, resolve
from bot.core.steps import Step
from bot.engine.again import AT_ONCE, Again
from bot.engine.changes import move, note
from bot.engine.intents import resolved
from bot.engine.world import World

GATE_PACE = timedelta(seconds=15)


async def resolve_request(world: World, lease: Lease, deployment: Deployment) -> Again:
    """The code host did not answer when it was asked for: find the commits now."""
    wish = deployment.wish
    service, environment = world.entry(wish.service, wish.environment)
    host = world.provider(service.repository.provider).code
    live = await world.queries.live(lease.workspace, wish.service, wish.environment)
    base = live.deployment.request.release_sha if live and live.deployment.request else None
    resolution = await resolve(host, service, environment, wish, Standing(base))
    async with world.units.begin(lease.workspace, Step.RESOLVE_REQUEST, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.REQUESTED:
            await resolved(uow, fresh, resolution, world.catalog())
    return AT_ONCE


async def judge(world: World, lease: Lease, deployment: Deployment) -> Again:
    """Every gate, under the policy it was asked under and under the present one; then the slot."""
    facts = await _facts(world, lease, deployment)
    verdicts = _verdicts(world, deployment, facts)
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
        holder = await uow.slots.take(fresh)
        trigger = Trigger.TAKE_SLOT if holder == fresh.id else Trigger.CLOSE_GATES
        await move(uow, fresh, trigger, "")
    return AT_ONCE


def _verdicts(world: World, deployment: Deployment, facts: Facts) -> tuple[Verdict, ...]:
    if deployment.policy is None:
        raise Bug("a resolved deployment has no policy")
    _, environment = world.entry(deployment.wish.service, deployment.wish.environment)
    policies = dict.fromkeys((read_policy(json.loads(deployment.policy)), environment.policy))
    now = world.clock.now()
    return tuple(gate.judge(deployment, policy, facts, now) for policy in policies for gate in GATES)


async def _facts(world: World, lease: Lease, deployment: Deployment) -> Facts:
    """The union of what the gates need, each read after the lease was taken."""
    needed = frozenset[FactKind]().union(*(gate.needs for gate in GATES))
    return {kind: await _fact(world, lease, deployment, kind) for kind in needed}


async def _fact(world: World, lease: Lease, deployment: Deployment, kind: FactKind) -> Known | Unreadable:
    match kind:
        case FactKind.SLOT_HOLDER:
            return await _slot_holder(world, lease, deployment)
        case FactKind.REACHABLE:
            return await _reachable(world, deployment)


async def _slot_holder(world: World, lease: Lease, deployment: Deployment) -> Known:
    wish = deployment.wish
    async with world.units.begin(lease.workspace, Step.READ) as uow:
        holder = await uow.slots.holder(wish.service, wish.environment)
    found = await world.queries.deployment_by_id(lease.workspace, holder) if holder else None
    return Known(found.number if found else 0, world.clock.now())


async def _reachable(world: World, deployment: Deployment) -> Known | Unreadable:
    if deployment.request is None:
        raise Bug("a resolved deployment has no request")
    service, environment = world.entry(deployment.wish.service, deployment.wish.environment)
    host = world.provider(service.repository.provider).code
    try:
        answer = await reachable(
            host, environment, service.repository.full_name, deployment.request.release_sha
        )
    except Transient as error:
        return Unreadable(error.why)
    return Known(answer, world.clock.now())
