"""Starts the workflows that look at a release, once each, and follows their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.effects import ShowCard
from bot.core.errors import Ambiguous, NeedsHuman, Transient, UserError
from bot.core.lifecycle import State
from bot.core.records import Deployment, Lease
from bot.core.rules import Verification, WorkflowVerification
from bot.core.runs import RunRef, TriggerSpec
from bot.core.smoke import is_another, last_time, smoke_spec, was_measured
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.core.verifications import Measured, Outcome
from bot.core.verify_events import SmokeFound, SmokeStarting, VerificationEnded
from bot.core.verifying import due_at, judge_run, not_found, refused, unread
from bot.engine.world import World

LATELY = 20  # deployments that got there, in which an earlier run of a workflow is looked for


async def start_next(
    world: World, lease: Lease, deployment: Deployment, rules: tuple[Verification, ...]
) -> bool:
    """Start the first that is due and was not started yet; False where there is none."""
    now = await world.watch.now()
    for place, rule in enumerate(rules):
        known = deployment.verifications[place]
        due = due_at(rule, known)
        if isinstance(rule, WorkflowVerification) and known.sent_at is None and due and due <= now:
            await _start(world, lease, deployment, rule, place)
            return True
    return False


async def _start(
    world: World, lease: Lease, deployment: Deployment, rule: WorkflowVerification, place: int
) -> None:
    try:
        spec = smoke_spec(deployment, rule, place)
        if not await _mark(world, lease, deployment, spec, place):
            return
        receipt = await world.provider(spec.provider).ci.trigger(spec)
    except Ambiguous:
        return  # the mark says what may have happened; the next look searches before anything else
    except Transient as error:
        await _not_started(world, lease, deployment, place, away(error), again=True)
    except (NeedsHuman, UserError) as error:
        why = f"{error.what} {error.why}".strip()
        await _not_started(world, lease, deployment, place, why, again=False)
    else:
        if receipt.run is not None:
            await _adopt(world, lease, deployment, place, receipt.run)


async def _mark(world: World, lease: Lease, deployment: Deployment, spec: TriggerSpec, place: int) -> bool:
    """From here on it may have been started; False where that is so already."""
    async with world.units.begin(lease.workspace, Step.MARK_SMOKE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return False
        measured = replace(fresh.verifications[place], sent_at=uow.now)
        saved = await uow.deployments.save(_with(fresh, place, measured))
        starting = SmokeStarting(saved.id, saved.number, spec.key, spec.workflow, spec.ref)
        await uow.record(starting, SLIPWAY)
    return True


async def _adopt(world: World, lease: Lease, deployment: Deployment, place: int, ref: RunRef) -> None:
    """This run is ours; how it goes is read at the next look."""
    async with world.units.begin(lease.workspace, Step.RECORD_SMOKE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.VERIFYING or fresh.verifications[place].run is not None:
            return
        found = replace(fresh.verifications[place], run=ref, said="started")
        saved = await uow.deployments.save(_with(fresh, place, found))
        await uow.record(SmokeFound(saved.id, saved.number, ref.provider, ref.external_id), SLIPWAY)
        await uow.show(ShowCard(saved.id))


async def _not_started(
    world: World,
    lease: Lease,
    deployment: Deployment,
    place: int,
    why: str,
    *,
    again: bool,
) -> None:
    """For certain nothing was; what is tried again is so while there is time."""
    async with world.units.begin(lease.workspace, Step.RECORD_SMOKE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.VERIFYING:
            return
        known = replace(fresh.verifications[place], sent_at=None)
        measured = unread(known, why, uow.now) if again else refused(known, why)
        saved = await uow.deployments.save(_with(fresh, place, measured))
        if measured.outcome is not Outcome.MEASURING:
            ended = VerificationEnded(saved.id, saved.number, measured.what, measured.outcome, measured.said)
            await uow.record(ended, SLIPWAY)
        await uow.show(ShowCard(saved.id))


async def wrong_before(world: World, deployment: Deployment, rules: Sequence[Verification]) -> list[str]:
    """Of each rule that is a workflow, why its failure would speak against nobody; by our own record."""
    wanted = [each for each in rules if isinstance(each, WorkflowVerification)]
    workspace, wish = deployment.workspace, deployment.wish
    arrivals = await world.releases.arrivals(workspace, wish.service, wish.environment) if wanted else ()
    earlier: list[Deployment] = []
    for arrival in [each for each in reversed(arrivals) if each.id != deployment.id][:LATELY]:
        if all(any(was_measured(rule, each) for each in earlier) for rule in wanted):
            break
        ran = await world.queries.deployment_by_id(workspace, arrival.id)
        earlier += [ran] if ran is not None else []
    return [last_time(rule, earlier) if isinstance(rule, WorkflowVerification) else "" for rule in rules]


async def look_at_run(
    world: World, deployment: Deployment, rule: WorkflowVerification, place: int, now: datetime
) -> Measured:
    """How its run goes; where the answer to its start was lost, whether one of ours shows up."""
    known = deployment.verifications[place]
    if known.sent_at is None:
        return known
    try:
        spec = smoke_spec(deployment, rule, place)
        ci = world.provider(spec.provider).ci
        if known.run is not None:
            return judge_run(rule, known, await ci.observe(known.run), now)
        found = await ci.find(spec, known.sent_at)
    except Transient as error:
        return unread(known, away(error), now)
    except (NeedsHuman, UserError) as error:
        return unread(known, f"{error.what} {error.why}".strip(), now)
    if found is None or is_another(deployment, place, found):
        return not_found(known, now)
    return replace(known, run=found, said="started")


def away(error: Transient) -> str:
    """Who does not answer."""
    return f"{error.system or 'the provider'} does not answer: {error.why}"


def _with(deployment: Deployment, place: int, measured: Measured) -> Deployment:
    kept = list(deployment.verifications)
    kept[place] = measured
    return replace(deployment, verifications=tuple(kept))
