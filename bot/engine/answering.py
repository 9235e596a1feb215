"""Tells the provider's gates: written down, sent, and kept with what came of it.

A gate that is told the same twice does nothing twice, so after a crash the question is only whether it still
waits: the run is read anew before each try.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.effects import ShowCard
from bot.core.errors import Bug, NeedsHuman, UserError
from bot.core.gate_events import GateAnswered, GateAnswering
from bot.core.gate_runs import AnswerState, GateAnswer, GateRun, GateWord
from bot.core.gatekeeping import (
    Fate,
    answered_by_another,
    approval_comment,
    fate_of,
    gate_name,
    is_answered,
    may_pass,
    rejection_comment,
    said_elsewhere,
    superseded_by,
    twin_of,
    waits_at_gate,
)
from bot.core.lifecycle import Trigger, allowed
from bot.core.policy_version import asked_under
from bot.core.ports import Provider
from bot.core.records import UNSENT, Deployment, Lease
from bot.core.request import DeployRequest
from bot.core.runs import Run, RunRef
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.again import AT_ONCE, NEVER, Again
from bot.engine.changes import move
from bot.engine.world import World

NEXT_JOB = timedelta(seconds=30)
ONCE_MORE = Again(timedelta(seconds=3))  # a gate that has just begun to wait may not know it yet


async def let_pass(
    world: World, lease: Lease, provider: Provider, deployment: Deployment, request: DeployRequest, run: Run
) -> Again | None:
    """A run of ours waits at the gate of its environment: the votes were given before it was started.

    None where there is nothing to say.
    """
    policy = asked_under(deployment)
    if policy is None or not waits_at_gate(run):
        return None
    gate = gate_name(policy, request.environment)
    if is_answered(deployment, gate, run.attempt) and not await _asks_again(world, deployment):
        return None
    view = await provider.ci.gates(run.ref)
    if view is None or not may_pass(deployment, request, gate, view):
        return None
    return await give(
        world, lease, provider, deployment, gate, GateWord.APPROVED, approval_comment(deployment)
    )


async def _asks_again(world: World, deployment: Deployment) -> bool:
    """Whether it may be the next job at this gate: each asks for itself, and shortly after it is the same."""
    said = deployment.gate_answer
    return said is not None and await world.watch.now() - said.at > NEXT_JOB


async def turn_away(world: World, lease: Lease, deployment: Deployment, gate: GateRun) -> Again:
    """It ended before anything was let through: the run that waits is told so, and why."""
    if deployment.attempt not in UNSENT:
        return NEVER
    said = deployment.gate_answer
    rejected = said is not None and said.word is GateWord.REJECTED
    if rejected and is_answered(deployment, gate.gate, gate.attempt):
        return NEVER
    provider = world.provider(gate.ref.provider)
    view = await provider.ci.gates(gate.ref)
    if view is None or view.run.attempt != gate.attempt or gate.gate not in view.ours:
        return NEVER
    if answered_by_another(deployment, await world.watch.of_run(deployment.workspace, gate.ref)):
        return NEVER
    comment = rejection_comment(deployment)
    again = await give(world, lease, provider, deployment, gate.gate, GateWord.REJECTED, comment)
    return ONCE_MORE if again is AT_ONCE else again


async def elsewhere(world: World, deployment: Deployment) -> tuple[Fate | None, str]:
    """What was decided at the provider meanwhile: the end of our waiting, or a remark for the card."""
    gate = deployment.gate_run
    if gate is None:
        return None, ""
    twin = await other_answer(world, deployment, gate)
    if twin is not None:
        return twin, ""
    try:
        view = await world.provider(gate.ref.provider).ci.gates(gate.ref)
    except (NeedsHuman, UserError) as error:
        return None, f"It can't be read whether its run still waits: {error.what}"
    if view is None:
        return None, ""
    return fate_of(gate, view), said_elsewhere(gate, view)


async def other_answer(world: World, deployment: Deployment, gate: GateRun) -> Fate | None:
    """The end of this one where another deployment is about the same run, and goes first."""
    twin = twin_of(deployment, await world.watch.of_run(deployment.workspace, gate.ref))
    return superseded_by(twin) if twin else None


async def end_as(world: World, lease: Lease, deployment: Deployment, fate: Fate) -> Again:
    """Decided there, and by whom; what people here said of it no longer matters."""
    async with world.units.begin(lease.workspace, Step.RECORD_END, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        trigger = fate.trigger if allowed(fresh.state, fate.trigger) else Trigger.GO_STALE
        await move(uow, fresh, trigger, fate.why, fate.next)
    return AT_ONCE


async def give(
    world: World,
    lease: Lease,
    provider: Provider,
    deployment: Deployment,
    gate: str,
    word: GateWord,
    comment: str,
) -> Again:
    """Tell it; one that takes no answer is asked once more before that is believed."""
    run = deployment.run
    if run is None:
        raise Bug(f"#{deployment.number} has no run that could wait")
    before = deployment.gate_answer
    marked = (run.attempt, word, AnswerState.SENT)
    first = before is None or (before.attempt, before.word, before.state) != marked
    if first and not await _mark(world, lease, deployment, gate, run, word):
        return AT_ONCE
    taken = await provider.ci.answer(run.ref, gate, word, comment)
    if not taken and first:
        return ONCE_MORE
    await keep(world, lease, deployment, gate, run, word, comment, taken=taken)
    return AT_ONCE


async def _mark(
    world: World, lease: Lease, deployment: Deployment, gate: str, run: Run, word: GateWord
) -> bool:
    """Write down what will be said; False when something else changed meanwhile."""
    async with world.units.begin(lease.workspace, Step.MARK_ANSWER, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return False
        said = GateAnswer(gate, run.attempt, word, AnswerState.SENT, uow.now)
        kept = await uow.deployments.save(replace(fresh, gate_answer=said))
        await uow.record(answering(kept, gate, run.ref, run.attempt, word), SLIPWAY)
    return True


async def keep(
    world: World,
    lease: Lease,
    deployment: Deployment,
    gate: str,
    run: Run,
    word: GateWord,
    comment: str,
    *,
    taken: bool,
) -> None:
    """What came of it, for the card and the trail."""
    async with world.units.begin(lease.workspace, Step.RECORD_ANSWER, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        state = AnswerState.GIVEN if taken else AnswerState.NOT_TAKEN
        said = GateAnswer(gate, run.attempt, word, state, uow.now)
        kept = await uow.deployments.save(replace(fresh, gate_answer=said))
        await uow.record(answered(kept, said, run.ref, comment), SLIPWAY)
        await uow.show(ShowCard(kept.id))


def answering(deployment: Deployment, gate: str, ref: RunRef, attempt: int, word: GateWord) -> GateAnswering:
    """For the trail, before the call."""
    return GateAnswering(
        deployment.id,
        deployment.number,
        gate,
        ref.external_id,
        attempt,
        word,
        deployment.digest or "",
    )


def answered(
    deployment: Deployment, said: GateAnswer, ref: RunRef, comment: str, unsure: str = ""
) -> GateAnswered:
    """For the trail, after it."""
    return GateAnswered(
        deployment.id,
        deployment.number,
        said.gate,
        ref.external_id,
        said.attempt,
        said.word,
        said.state is AnswerState.GIVEN,
        comment,
        unsure,
    )
