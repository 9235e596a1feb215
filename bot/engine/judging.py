"""From asked to the slot: find the commits, judge the gates, take the slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.catalog import Environment, Policy, Service
from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.electorate import Question, must_be_enough
from bot.core.errors import Bug
from bot.core.expiring import expired
from bot.core.falling_back import is_automatic, stopped_by
from bot.core.gates import GATES, Facts, GateState, Verdict
from bot.core.gates.approvals import waits_for_people
from bot.core.gates.model import FactKind, passes
from bot.core.gates.queue import QUEUE
from bot.core.lifecycle import State, Trigger
from bot.core.policy_version import policies_of
from bot.core.ports import UnitOfWork
from bot.core.records import UNSENT, Deployment, Lease
from bot.core.reminding import half_over
from bot.core.resolving import Standing, resolve, standing, standing_of
from bot.core.steps import Step
from bot.core.superseding import contained, own_in_line
from bot.core.waiting_runs import find_waiting, waits_elsewhere
from bot.engine.again import AT_ONCE, Again
from bot.engine.answering import elsewhere, end_as
from bot.engine.changes import move, note
from bot.engine.facts import gather
from bot.engine.facts.locks import free_in
from bot.engine.falling_back import give_up
from bot.engine.intents import resolved
from bot.engine.locking import locked_out
from bot.engine.quarantining import kept_out
from bot.engine.reminding import remind
from bot.engine.superseding import retire
from bot.engine.world import World

GATE_PACE = timedelta(seconds=60)  # whoever frees a slot or votes calls at once
SLOT_PACE = timedelta(seconds=5)  # after somebody else took the slot
JUDGED_FOR = timedelta(seconds=10)  # after that, the gates are judged again before the slot is taken
STRICTNESS = {
    GateState.OPEN: 0,
    GateState.OVERRIDDEN: 1,
    GateState.WAITING: 2,
    GateState.REFUSED: 3,
}


async def resolve_request(world: World, lease: Lease, deployment: Deployment) -> Again:
    """The code host did not answer when it was asked for: find the commits now."""
    if expired(deployment, world.clock.now()):
        return await _give_up(world, lease, deployment)
    wish = deployment.wish
    service, environment = world.entry(wish)
    host = world.provider(service.repository.provider).code
    stands = await _stands(world, lease, deployment, service, environment)
    resolution = await resolve(host, service, environment, wish, stands)
    doors, waits = world.provider(service.repository.provider).doors, None
    if deployment.gate_run is None and waits_elsewhere(service, environment):
        waits = await find_waiting(doors, world.catalog(), service, environment, resolution)
    asker = deployment.requested_by
    question = Question(lease.workspace, asker.id, environment.policy, resolution)
    await must_be_enough(world.directory, question, wish)
    older = await own_in_line(world.queries, lease.workspace, wish, asker)
    older = tuple(each for each in older if each.number < deployment.number)
    retires = await contained(host, service.repository.full_name, resolution, older)
    async with world.units.begin(lease.workspace, Step.RESOLVE_REQUEST, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.REQUESTED:
            frozen = await resolved(uow, fresh, resolution, world.catalog(), waits)
            await retire(uow, frozen, retires)
    return AT_ONCE


async def _stands(
    world: World, lease: Lease, deployment: Deployment, service: Service, environment: Environment
) -> Standing:
    """A rollback takes away what its asker saw, whether that is on record as what runs or not."""
    if deployment.undoes is None:
        return await standing(world.queries, lease.workspace, service, environment)
    undone = await world.queries.deployment_by_id(lease.workspace, deployment.undoes)
    if undone is None:
        raise Bug(f"#{deployment.number} undoes nothing")
    return standing_of(undone)


async def _give_up(world: World, lease: Lease, deployment: Deployment) -> Again:
    """It has waited for too long; nobody else needs to be asked for that."""
    async with world.units.begin(lease.workspace, Step.EXPIRE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        over = expired(fresh, uow.now)
        if fresh.state is deployment.state and over is not None:
            await move(uow, fresh, Trigger.EXPIRE, *over)
            return AT_ONCE
    return Again(timedelta(seconds=1))


async def judge(world: World, lease: Lease, deployment: Deployment) -> Again:
    """Every gate, under the policy it was asked under and under the present one; then the slot."""
    if expired(deployment, world.clock.now()):
        return await _give_up(world, lease, deployment)
    fate, remark = await elsewhere(world, deployment)
    if fate is not None:
        return await end_as(world, lease, deployment, fate)
    verdicts = await verdicts_at(world, deployment, world.clock.now())
    async with world.units.begin(lease.workspace, Step.JUDGE_GATES, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        judged = replace(fresh, verdicts=verdicts)
        refused = next((each for each in verdicts if each.state is GateState.REFUSED), None)
        if refused is not None:
            await move(uow, judged, Trigger.REFUSE, f"{refused.what} {refused.why}".strip(), refused.next)
            return AT_ONCE
        stopped = stopped_by(verdicts) if is_automatic(judged) else None
        if stopped is not None:
            await give_up(uow, judged, stopped)
            return AT_ONCE
        waiting = next((each for each in verdicts if not passes(each)), None)
        if waiting is None:
            await move(uow, judged, Trigger.OPEN_GATES, "")
            return AT_ONCE
        judged = await keep_verdicts(uow, fresh, verdicts)
        judged = await note(uow, judged, f"{waiting.what} {waiting.why} {remark}".strip(), waiting.next)
        await remind(uow, judged)
    return Again(await free_in(world, deployment, GATE_PACE))


async def keep_verdicts(uow: UnitOfWork, fresh: Deployment, verdicts: tuple[Verdict, ...]) -> Deployment:
    """On the card where they differ from what it says; those who can decide are asked once.

    Whoever is asked so late that the reminder is due hears no second time.
    """
    if verdicts == fresh.verdicts:
        return fresh
    asks = waits_for_people(verdicts) and not waits_for_people(fresh.verdicts)
    reminded = uow.now if asks and half_over(fresh, uow.now) else fresh.reminded_at
    kept = await uow.deployments.save(replace(fresh, verdicts=verdicts, reminded_at=reminded))
    await uow.show(ShowCard(kept.id))
    if asks:
        await uow.show(Announce(kept.id, Announcement.APPROVAL))
    return kept


async def take_slot(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One in flight for each service and environment; the table's primary key decides."""
    async with world.units.begin(lease.workspace, Step.TAKE_SLOT, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.READY:
            return AT_ONCE
        over = expired(fresh, uow.now)
        if over is not None:
            await move(uow, fresh, Trigger.EXPIRE, *over)
            return AT_ONCE
        judged_at = await uow.deployments.moved_at(fresh)
        stale = uow.now - judged_at > JUDGED_FOR or fresh.updated_at > judged_at  # somebody changed it since
        may_start = not stale and not await locked_out(uow, fresh) and not await kept_out(uow, fresh)
        taken = may_start and await uow.slots.take(fresh) == fresh.id
        await move(uow, fresh, Trigger.TAKE_SLOT if taken else Trigger.CLOSE_GATES, "")
    return AT_ONCE if taken or not may_start else Again(SLOT_PACE)


async def still_open(world: World, lease: Lease, deployment: Deployment) -> bool:
    """Judge once more before anything is sent: an outage or a crash may lie between the slot and now.

    What closed again goes back to waiting, and others may have the slot; there the gates say what holds it.
    """
    now = world.clock.now()
    life = await world.queries.transitions(deployment.workspace, deployment.id)
    if await world.watch.now() - life[-1].at <= JUDGED_FOR:
        return True
    verdicts = await verdicts_at(world, deployment, now)
    closed = next((each for each in verdicts if not passes(each) and each.gate != QUEUE.name), None)
    if closed is None and expired(deployment, now) is None:
        return True
    why = f"{closed.what} {closed.why}".strip() if closed else ""
    async with world.units.begin(lease.workspace, Step.JUDGE_GATES, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.DISPATCHING and fresh.attempt in UNSENT:
            judged = replace(fresh, verdicts=verdicts)
            await move(uow, judged, Trigger.CLOSE_GATES, why, closed.next if closed else "")
    return False


async def verdicts_at(world: World, deployment: Deployment, now: datetime) -> tuple[Verdict, ...]:
    """What each gate says of that time; the stricter one's word where two policies hold."""
    found: dict[str, Verdict] = {}
    for policy in _policies(world, deployment):
        facts = await gather(world, deployment, policy, frozenset().union(*(gate.needs for gate in GATES)))
        for gate in GATES:
            verdict = gate.judge(deployment, policy, _only(facts, gate.needs), now)
            before = found.get(gate.name)
            if before is None or STRICTNESS[verdict.state] > STRICTNESS[before.state]:
                found[gate.name] = verdict
    return tuple(found.values())


def _policies(world: World, deployment: Deployment) -> tuple[Policy, ...]:
    """The one it was asked under, and the present one where that differs; each needs its own facts."""
    if deployment.policy is None:
        raise Bug("a resolved deployment has no policy")
    world.entry(deployment.wish)  # what left the catalog is refused
    return policies_of(deployment, world.catalog())


def _only(facts: Facts, needs: frozenset[FactKind]) -> Facts:
    """A gate sees what it declared to need, and nothing else."""
    return {kind: fact for kind, fact in facts.items() if kind in needs}
