"""While a deployment holds its slot: observe, ask the plan, write down, act. Never acts before it wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.errors import Ambiguous, Bug, NeedsHuman, Transient, UserError
from bot.core.events import DispatchAttempted, RunFound
from bot.core.lifecycle import State, Trigger, allowed
from bot.core.pipelines import Pin
from bot.core.ports import Provider, UnitOfWork
from bot.core.records import Attempt, Deployment, Lease
from bot.core.request import DeployRequest
from bot.core.runs import Run, RunRef, RunStatus, TriggerSpec
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.again import AT_ONCE, NEVER, Again
from bot.engine.changes import move
from bot.engine.recheck import parts_that_changed
from bot.engine.world import World
from bot.strategies import dispatch
from bot.strategies.dispatch import Adopt, LookAgain, Move, Need, Observed, Record, Send, StopRun

POLL_FAST, POLL_SLOW = timedelta(seconds=3), timedelta(seconds=15)
FAST_FOR = timedelta(minutes=3)


async def carry_out(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One round for a deployment that is dispatching, running, cancelling or unknown."""
    request = _request(deployment)
    provider = world.provider(request.provider)
    observed = await _observe(world, provider, deployment, request)
    decision = dispatch.plan(deployment, request, observed, world.clock.now())
    match decision:
        case Send():
            return await _send(world, lease, provider, deployment, request)
        case Adopt(ref):
            return await _adopt(world, lease, deployment, request, ref)
        case StopRun(run):
            await provider.ci.cancel(run.ref)
            return await _record(world, lease, deployment, run)
        case Record(run):
            return await _record(world, lease, deployment, run)
        case Move():
            return await _move(world, lease, deployment, decision)
        case LookAgain(after):
            return Again(timedelta(seconds=after) if after is not None else POLL_SLOW)


async def verify(world: World, lease: Lease, deployment: Deployment) -> Again:
    """Nothing in the catalog asks for more than the run's own success: it is there."""
    async with world.units.begin(lease.workspace, Step.VERIFY, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.VERIFYING:
            await move(uow, fresh, Trigger.VERIFY, "")
    return AT_ONCE


async def clear_up(world: World, lease: Lease, deployment: Deployment) -> Again:
    """After the end: take our tag away, so that nothing can start on it any more."""
    request = deployment.request
    if request is None or request.pin != Pin.TAG or deployment.attempt in (Attempt.NONE, Attempt.UNPINNED):
        return NEVER
    await world.provider(request.provider).pins.delete(request.repository, deployment.key)
    async with world.units.begin(lease.workspace, Step.UNPIN, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        await uow.deployments.save(replace(fresh, attempt=Attempt.UNPINNED))
    return NEVER


async def _observe(
    world: World, provider: Provider, deployment: Deployment, request: DeployRequest
) -> Observed:
    observed = Observed()
    for need in dispatch.needs(deployment):
        match need:
            case Need.FRESH_REQUEST:
                observed = replace(observed, changed=await parts_that_changed(world, deployment, request))
            case Need.SEARCH:
                since = deployment.attempted_at or deployment.created_at
                observed = replace(observed, found=await provider.ci.find(_spec(request), since))
            case Need.RUN:
                if deployment.run is None:
                    raise Bug("there is no run to read")
                observed = replace(observed, run=await provider.ci.observe(deployment.run.ref))
    return observed


async def _send(
    world: World, lease: Lease, provider: Provider, deployment: Deployment, request: DeployRequest
) -> Again:
    """Pin, then dispatch; each is written down first, and a cancel that came between stops it."""
    try:
        if request.pin == Pin.TAG:
            if not await _mark(world, lease, deployment, request, Attempt.PINNING):
                return AT_ONCE
            await provider.pins.create(request.repository, deployment.key, request.workflow_sha)
        if not await _mark(world, lease, deployment, request, Attempt.SENT):
            return AT_ONCE
        receipt = await provider.ci.trigger(_spec(request))
    except Ambiguous:
        return AT_ONCE  # the mark says what may have happened; the next round looks before anything else
    except Transient:
        await _mark(world, lease, deployment, request, Attempt.PINNING, only_from=Attempt.SENT)
        raise
    except (NeedsHuman, UserError) as error:
        refusal = Move(Trigger.RUN_FAILED, f"{error.what} {error.why}".strip(), error.next)
        return await _move(world, lease, deployment, refusal)
    if receipt.run is None:
        return AT_ONCE
    return await _adopt(world, lease, deployment, request, receipt.run)


async def _mark(
    world: World,
    lease: Lease,
    deployment: Deployment,
    request: DeployRequest,
    attempt: Attempt,
    only_from: Attempt | None = None,
) -> bool:
    """Write down how far the sending goes; False when it may not go on."""
    step = Step.MARK_SENT if attempt is Attempt.SENT else Step.MARK_PINNING
    async with world.units.begin(lease.workspace, step, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        expected = {only_from} if only_from else {Attempt.NONE, Attempt.PINNING}
        if fresh.attempt not in expected or (fresh.state is not State.DISPATCHING and only_from is None):
            return False
        if fresh.attempt is not attempt:
            at = uow.now if attempt is Attempt.SENT else None
            await uow.deployments.save(replace(fresh, attempt=attempt, attempted_at=at))
        if attempt is Attempt.SENT:
            await uow.record(_attempted(fresh, request), SLIPWAY)
    return True


async def _adopt(
    world: World, lease: Lease, deployment: Deployment, request: DeployRequest, ref: RunRef
) -> Again:
    """This run is ours; what it looks like is read in the next round."""
    run = Run(ref, 1, RunStatus.QUEUED, request.workflow_sha, "", "", "")
    async with world.units.begin(lease.workspace, Step.RECORD_RUN, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.run is not None:
            return AT_ONCE
        saved = await uow.deployments.save(replace(fresh, run=run, attempt=Attempt.FOUND))
        await uow.record(_found(saved, run), SLIPWAY)
        if allowed(saved.state, Trigger.FIND_RUN):
            await move(uow, saved, Trigger.FIND_RUN, "")
        else:
            await uow.show(ShowCard(saved.id))
    return AT_ONCE


async def _record(world: World, lease: Lease, deployment: Deployment, run: Run) -> Again:
    now = world.clock.now()
    if run == deployment.run and deployment.note == "":
        return _poll(deployment, now)
    async with world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        note = fresh.note if fresh.state is State.CANCELLING else ""
        await uow.deployments.save(replace(fresh, run=run, note=note, next_step=""))
        await uow.show(ShowCard(fresh.id))
    return _poll(deployment, now)


async def _move(world: World, lease: Lease, deployment: Deployment, decision: Move) -> Again:
    async with world.units.begin(lease.workspace, Step.RECORD_END, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not deployment.state or not allowed(fresh.state, decision.trigger):
            return AT_ONCE
        if decision.run is not None:
            fresh = await uow.deployments.save(replace(fresh, run=decision.run))
        await move(uow, fresh, decision.trigger, decision.why, decision.next)
        await _tell_alarm(uow, fresh, decision)
    return AT_ONCE


async def _tell_alarm(uow: UnitOfWork, deployment: Deployment, decision: Move) -> None:
    if decision.alarm:
        await uow.show(Announce(deployment.id, Announcement.ALARM))


def _poll(deployment: Deployment, now: datetime) -> Again:
    since = deployment.attempted_at or deployment.created_at
    return Again(POLL_FAST if now - since < FAST_FOR else POLL_SLOW)


def _request(deployment: Deployment) -> DeployRequest:
    if deployment.request is None or deployment.digest != deployment.request.digest():
        raise Bug(f"#{deployment.number}: the stored request does not fit its digest")
    return deployment.request


def _spec(request: DeployRequest) -> TriggerSpec:
    return TriggerSpec(
        provider=request.provider,
        repository=request.repository,
        workflow=request.workflow,
        ref=request.dispatch_ref,
        inputs=request.inputs,
        key=request.key,
        workflow_sha=request.workflow_sha,
        pinned=request.pin == Pin.TAG,
    )


def _attempted(deployment: Deployment, request: DeployRequest) -> DispatchAttempted:
    return DispatchAttempted(
        deployment.id,
        deployment.number,
        request.key,
        request.workflow,
        request.dispatch_ref,
        request.release_sha,
        request.workflow_sha,
        deployment.digest or "",
    )


def _found(deployment: Deployment, run: Run) -> RunFound:
    return RunFound(
        deployment.id,
        deployment.number,
        run.ref.provider,
        run.ref.external_id,
        run.attempt,
        run.head_sha,
        run.url,
    )
