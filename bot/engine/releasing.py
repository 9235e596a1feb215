"""Lets a run pass that began at the provider and waited for us; what we start ourselves is dispatched."""

from __future__ import annotations

from dataclasses import replace

from bot.core.errors import Ambiguous, Bug, NeedsHuman, Transient, UserError
from bot.core.events import RunFound
from bot.core.gate_runs import AnswerState, GateAnswer, GateRun, GateView, GateWord
from bot.core.gatekeeping import Fate, approval_comment, fate_of, is_answered, maybe_elsewhere
from bot.core.lifecycle import State, Trigger
from bot.core.records import UNSENT, Attempt, Deployment, Lease
from bot.core.request import DeployRequest
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine import dispatching
from bot.engine.again import AT_ONCE, Again
from bot.engine.answering import ONCE_MORE, answered, end_as, keep, other_answer
from bot.engine.changes import move
from bot.engine.judging import JUDGED_FOR, still_open
from bot.engine.recheck import parts_that_changed
from bot.engine.verifying import measure_before
from bot.engine.world import World
from bot.strategies.dispatch import LISTING_LAG


async def carry_out(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One round for a deployment that has its slot and has not begun."""
    gate = deployment.gate_run
    if gate is None:
        return await dispatching.carry_out(world, lease, deployment)
    request = dispatching.frozen_request(deployment)
    view = await world.provider(gate.ref.provider).ci.gates(gate.ref)
    if view is None:
        return await _missing(world, lease, deployment, gate)
    if await _never_came(world, deployment, gate, view):
        return await _back(world, lease, deployment, request, AT_ONCE)
    if deployment.attempt in UNSENT:
        if await measure_before(world, lease, deployment):
            return AT_ONCE
        fate = await other_answer(world, deployment, gate) or fate_of(gate, view)
        fate = fate or await _changed(world, deployment, request, view)
        if fate is not None:
            return await end_as(world, lease, deployment, fate)
        if not await still_open(world, lease, deployment):
            return AT_ONCE
        if not await dispatching.mark(world, lease, deployment, request, Attempt.SENT):
            return AT_ONCE
    return await _let_in(world, lease, deployment, request, gate, view)


async def _missing(world: World, lease: Lease, deployment: Deployment, gate: GateRun) -> Again:
    """A run may be missing from an answer for a while; one that was deleted would hold the slot for ever."""
    life = await world.queries.transitions(deployment.workspace, deployment.id)
    run = f"run {gate.ref.external_id}"
    if await world.watch.now() - life[-1].at < LISTING_LAG:
        raise Transient(f"{run} is not shown at the moment.", system="The code host")
    gone = f"The code host no longer knows {run}."
    if deployment.attempt in UNSENT:
        fate = Fate(Trigger.GO_STALE, gone, "Start it again: the new run waits here then.")
    else:
        then = "Find out what became of it, then say whether it was deployed."
        fate = Fate(Trigger.LOSE_TRACK, f"{gone} It may have been told to pass.", then)
    return await end_as(world, lease, deployment, fate)


async def _changed(
    world: World, deployment: Deployment, request: DeployRequest, view: GateView
) -> Fate | None:
    """The same look as before a dispatch, and at the run itself."""
    changed = await parts_that_changed(world, deployment, request)
    if view.run.head_sha != request.workflow_sha:
        changed = (*changed, "workflow_sha")
    if not changed:
        return None
    parts = ", ".join(part.replace("_", " ") for part in changed)
    return Fate(
        Trigger.GO_STALE,
        f"What was asked for has changed since: {parts}.",
        "Start the run again to ask for what is there now.",
    )


def _waits(gate: GateRun, view: GateView) -> bool:
    return gate.gate in view.ours and view.run.attempt == gate.attempt


async def _never_came(world: World, deployment: Deployment, gate: GateRun, view: GateView) -> bool:
    """Whether our word was sent and the gate waits on: it was lost, and what was open may have closed."""
    sent = deployment.attempted_at
    if sent is None or deployment.attempt is not Attempt.SENT or not _waits(gate, view):
        return False
    return await world.watch.now() - sent > JUDGED_FOR


async def _back(
    world: World, lease: Lease, deployment: Deployment, request: DeployRequest, again: Again
) -> Again:
    """For certain it has let nothing in: everything is looked at once more before it is told again."""
    sent = Attempt.SENT
    await dispatching.mark(world, lease, deployment, request, Attempt.PINNING, only_from=sent)
    return again


async def _let_in(
    world: World,
    lease: Lease,
    deployment: Deployment,
    request: DeployRequest,
    gate: GateRun,
    view: GateView,
) -> Again:
    """Tell the gate while it waits for us; one that does no longer had that word, or somebody's.

    One that takes no answer may have just begun, or somebody there was quicker: the next look says which.
    One that waits on and takes none the second time either is left to the people there.
    """
    ci, comment = world.provider(gate.ref.provider).ci, approval_comment(deployment)
    state, unsure, first = AnswerState.UNSURE, "", not is_answered(deployment, gate.gate, gate.attempt)
    if _waits(gate, view):
        try:
            taken = await ci.answer(gate.ref, gate.gate, GateWord.APPROVED, comment)
        except Ambiguous:
            return ONCE_MORE  # the mark says what may have happened; the run is read before the next try
        except (NeedsHuman, UserError) as error:
            return await dispatching.refuse(world, lease, deployment, error)
        state = AnswerState.GIVEN if taken else AnswerState.NOT_TAKEN
        if not taken and first:
            await keep(world, lease, deployment, gate.gate, view.run, GateWord.APPROVED, comment, taken=False)
            return await _back(world, lease, deployment, request, ONCE_MORE)
    else:
        unsure = maybe_elsewhere(gate, view)
    await _record(world, lease, deployment, gate, comment, state, unsure)
    return AT_ONCE


async def _record(
    world: World,
    lease: Lease,
    deployment: Deployment,
    gate: GateRun,
    comment: str,
    state: AnswerState,
    unsure: str,
) -> None:
    async with world.units.begin(lease.workspace, Step.RECORD_RUN, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.attempt is not Attempt.SENT:
            return
        run = fresh.run
        if run is None:
            raise Bug(f"#{fresh.number} has no run that could wait")
        said = GateAnswer(gate.gate, gate.attempt, GateWord.APPROVED, state, uow.now)
        saved = await uow.deployments.save(replace(fresh, attempt=Attempt.FOUND, gate_answer=said))
        await uow.record(answered(saved, said, gate.ref, comment, unsure), SLIPWAY)
        found = RunFound(
            saved.id,
            saved.number,
            gate.ref.provider,
            gate.ref.external_id,
            gate.attempt,
            gate.head_sha,
            run.url,
        )
        await uow.record(found, SLIPWAY)
        if saved.state is State.DISPATCHING:
            await move(uow, saved, Trigger.FIND_RUN, unsure)
