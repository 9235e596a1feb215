"""While a deployment holds its slot: observe, ask the plan, write down, act. Never acts before it wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.asking import pin_ref
from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.emergencies import is_emergency
from bot.core.errors import Ambiguous, Bug, NeedsHuman, Transient, UserError
from bot.core.events import DispatchAttempted, RunFound
from bot.core.gate_events import GateAnswering
from bot.core.gate_runs import GateWord
from bot.core.lifecycle import State, Trigger, allowed
from bot.core.pipelines import Pin, Start
from bot.core.policy_version import asked_under
from bot.core.ports import Provider
from bot.core.records import UNSENT, Attempt, Deployment, Lease
from bot.core.request import DeployRequest
from bot.core.run_reports import Reported
from bot.core.runs import Run, RunRef, RunStatus, TriggerSpec
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.again import AT_ONCE, NEVER, Again
from bot.engine.answering import answering, let_pass, turn_away
from bot.engine.changes import move, note
from bot.engine.judging import still_open
from bot.engine.recheck import parts_that_changed
from bot.engine.reporting import PAUSE, WAITS, WAITS_NEXT, report_of, reported
from bot.engine.reviewing import begin
from bot.engine.verifying import measure_before
from bot.engine.watching import watch
from bot.engine.world import World
from bot.strategies import dispatch
from bot.strategies.dispatch import Adopt, LookAgain, Move, Need, Observed, Record, Say, Send, StopRun

# Webhooks make it sooner; this alone must not use up what a provider lets us ask in an hour.
PACES = (
    (timedelta(minutes=1), timedelta(seconds=3)),
    (timedelta(minutes=5), timedelta(seconds=10)),
    (timedelta(minutes=15), timedelta(seconds=30)),
)
SLOWEST = timedelta(seconds=60)


async def carry_out(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One round for a deployment that is dispatching, running, cancelling or unknown."""
    request = frozen_request(deployment)
    provider = world.provider(request.provider)
    observed = await _observe(world, provider, deployment, request)
    now = await world.watch.now()
    decision = dispatch.plan(deployment, request, observed, _timeout(deployment), now)
    still = isinstance(decision, Record | Say | LookAgain)
    if still and await watch(world, lease, deployment, observed.run, now):
        return AT_ONCE
    pace = Again(_pace(now - (observed.since or deployment.attempted_at or deployment.created_at)))
    match decision:
        case Send():
            if await measure_before(world, lease, deployment):
                return AT_ONCE
            if not await still_open(world, lease, deployment):
                return AT_ONCE
            return await _send(world, lease, provider, deployment, request)
        case Adopt(ref):
            return await _adopt(world, lease, deployment, request, ref)
        case StopRun(run):
            await provider.ci.cancel(run.ref)
            return await _record(world, lease, deployment, run, pace)
        case Record(run, alarm):
            said = await let_pass(world, lease, provider, deployment, request, run)
            if said is not None:
                return said
            return await _record(world, lease, deployment, run, pace, alarm=alarm)
        case Move():
            return await _move(world, lease, deployment, decision)
        case Say(why, next_step):
            return await _say(world, lease, deployment, why, next_step, pace)
        case LookAgain(after):
            return Again(timedelta(seconds=after)) if after is not None else pace


async def clear_up(world: World, lease: Lease, deployment: Deployment) -> Again:
    """After the end: shut the gate that waited for it, or take our tag away, so that nothing can start."""
    if deployment.gate_run is not None:
        return await turn_away(world, lease, deployment, deployment.gate_run)
    request = deployment.request
    ours = request is not None and request.dispatch_ref == pin_ref(deployment.key)
    if request is None or not ours or deployment.attempt in (Attempt.NONE, Attempt.UNPINNED):
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
            case Need.SINCE:
                life = await world.queries.transitions(deployment.workspace, deployment.id)
                observed = replace(observed, since=life[-1].at if life else None)
    return observed


async def _send(
    world: World, lease: Lease, provider: Provider, deployment: Deployment, request: DeployRequest
) -> Again:
    """Pin, then dispatch; each is written down first, and a cancel that came between stops it."""
    try:
        if request.pin == Pin.TAG and request.start != Start.TAG:
            if not await mark(world, lease, deployment, request, Attempt.PINNING):
                return AT_ONCE
            await provider.pins.create(request.repository, deployment.key, request.workflow_sha)
        if not await mark(world, lease, deployment, request, Attempt.SENT):
            return AT_ONCE
        receipt = await provider.ci.trigger(_spec(request))
    except Ambiguous:
        return AT_ONCE  # the mark says what may have happened; the next round looks before anything else
    except Transient:
        await mark(world, lease, deployment, request, Attempt.PINNING, only_from=Attempt.SENT)
        raise
    except (NeedsHuman, UserError) as error:
        return await refuse(world, lease, deployment, error)
    if receipt.run is None:
        return AT_ONCE
    return await _adopt(world, lease, deployment, request, receipt.run)


async def mark(
    world: World,
    lease: Lease,
    deployment: Deployment,
    request: DeployRequest,
    attempt: Attempt,
    only_from: Attempt | None = None,
) -> bool:
    """Write down how far the sending goes; False when it may not go on. What is not sent has no review."""
    step = Step.MARK_SENT if attempt is Attempt.SENT else Step.MARK_PINNING
    async with world.units.begin(lease.workspace, step, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        expected = {only_from} if only_from else UNSENT
        if fresh.attempt not in expected or (fresh.state is not State.DISPATCHING and only_from is None):
            return False
        if fresh.attempt is not attempt:
            at = uow.now if attempt is Attempt.SENT else None
            fresh = await uow.deployments.save(replace(fresh, attempt=attempt, attempted_at=at, review=None))
        if attempt is Attempt.SENT:
            await uow.record(_attempted(fresh, request), SLIPWAY)
            if is_emergency(fresh):
                await begin(uow, fresh)
    return True


async def refuse(world: World, lease: Lease, deployment: Deployment, error: NeedsHuman | UserError) -> Again:
    """For certain nothing was started, so mark and review go; whoever cancelled has what they wanted."""
    async with world.units.begin(lease.workspace, Step.RECORD_END, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.attempt is Attempt.SENT:
            unsent = replace(fresh, attempt=Attempt.PINNING, attempted_at=None, review=None)
            fresh = await uow.deployments.save(unsent)
        if fresh.state is State.DISPATCHING:
            await move(uow, fresh, Trigger.RUN_FAILED, f"{error.what} {error.why}".strip(), error.next)
    return AT_ONCE


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


async def _record(
    world: World, lease: Lease, deployment: Deployment, run: Run, pace: Again, *, alarm: bool = False
) -> Again:
    said = dispatch.standing(deployment, frozen_request(deployment), run)
    if run == deployment.run and said == (deployment.note, deployment.next_step):
        return pace
    async with world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        why, next_step = said
        await uow.deployments.save(replace(fresh, run=run, note=why, next_step=next_step))
        await uow.show(ShowCard(fresh.id))
        if alarm:
            await uow.show(Announce(fresh.id, Announcement.ALARM))
    return AT_ONCE if alarm else pace


async def _say(
    world: World, lease: Lease, deployment: Deployment, why: str, next_step: str, pace: Again
) -> Again:
    async with world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        await note(uow, fresh, why, next_step)
    return pace


async def _move(world: World, lease: Lease, deployment: Deployment, decision: Move) -> Again:
    kept = await report_of(world, deployment, decision.run)
    if kept is not None and not kept.settled:
        return await _wait_for_report(world, lease, deployment, kept)
    async with world.units.begin(lease.workspace, Step.RECORD_END, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not deployment.state or not allowed(fresh.state, decision.trigger):
            return AT_ONCE
        if decision.run is not None:
            fresh = await uow.deployments.save(replace(fresh, run=decision.run, reported=kept))
            said = reported(fresh)
            if said is not None:
                await uow.record(said, SLIPWAY)
        announce = Announcement.ALARM if decision.alarm else None
        await move(uow, fresh, decision.trigger, decision.why, decision.next, announce=announce)
    return AT_ONCE


async def _wait_for_report(world: World, lease: Lease, deployment: Deployment, kept: Reported) -> Again:
    async with world.units.begin(lease.workspace, Step.RECORD_PROGRESS, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        if fresh.reported != kept:
            await note(uow, replace(fresh, reported=kept), WAITS, WAITS_NEXT)
    return Again(PAUSE)


def _pace(age: timedelta) -> timedelta:
    """Often at first, while people watch; seldom when it takes long."""
    return next((pause for until, pause in PACES if age < until), SLOWEST)


def _timeout(deployment: Deployment) -> timedelta:
    """By the policy it was asked under."""
    policy = asked_under(deployment)
    if policy is None:
        raise Bug(f"#{deployment.number} is under way and has no policy")
    return policy.pipeline.timeout if policy.pipeline else policy.timeout


def frozen_request(deployment: Deployment) -> DeployRequest:
    """What was approved, which must be what is stored."""
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
        pushes=request.start == Start.TAG,
    )


def _attempted(deployment: Deployment, request: DeployRequest) -> DispatchAttempted | GateAnswering:
    gate = deployment.gate_run
    if gate is not None:
        return answering(deployment, gate.gate, gate.ref, gate.attempt, GateWord.APPROVED)
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
