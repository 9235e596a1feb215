"""What a gate of the provider may be told, and in which words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.catalog import Catalog, Environment, Policy, Service
from bot.core.emergencies import is_emergency
from bot.core.gate_runs import AnswerState, GateDecision, GateRun, GateView, GateWord
from bot.core.lifecycle import ENDS, State, Trigger
from bot.core.pipelines import FILES, Start
from bot.core.records import UNSENT, Deployment
from bot.core.request import DeployRequest
from bot.core.runs import RUN_ENDS, Run, RunStatus
from bot.core.secrets import redact
from bot.core.visible import clip
from bot.core.votes import VoteKind

MAYBE = "may have been decided at the code host meanwhile"
# The file of such a run is not the one of the commit that it shows: it is of a merge, or of the other branch.
# So it is for each event of that family, and for those that may join it.
FOREIGN_FILES = "pull_request"
LONGEST_COMMENT = 200


def gate_name(policy: Policy, environment: str) -> str:
    """What the provider calls this environment."""
    return (policy.pipeline.gate if policy.pipeline else None) or environment


def gate_run_of(view: GateView, gate: str) -> GateRun:
    """The attempt that waits there, as a deployment keeps it."""
    run = view.run
    return GateRun(
        run.ref,
        run.attempt,
        gate,
        run.head_sha,
        view.workflow,
        view.event,
        view.actor,
        view.actor_id,
        _heard_before(view, gate),
    )


def waits_at_gate(run: Run) -> bool:
    """Whether some job of it waits; the others may go on meanwhile."""
    return RunStatus.WAITING in {run.status, *(stage.status for stage in run.stages)}


def is_answered(deployment: Deployment, gate: str, attempt: int) -> bool:
    """Whether this gate of this attempt has been told, for certain."""
    answer = deployment.gate_answer
    if answer is None or (answer.gate, answer.attempt) != (gate, attempt):
        return False
    return answer.state is not AnswerState.SENT


def may_pass(deployment: Deployment, request: DeployRequest, gate: str, view: GateView) -> bool:
    """Whether this is the run that was asked for here, unchanged, and waits for our word at its own gate.

    That it carries our key was seen when it was found. An approval covers one attempt, so a re-run is not
    let through by the votes of the first.
    """
    run = deployment.run
    return (
        deployment.state is State.RUNNING
        and deployment.cancelled_by is None
        and deployment.digest == request.digest()
        and run is not None
        and (run.ref, run.attempt) == (view.run.ref, view.run.attempt)
        and view.run.head_sha == request.workflow_sha
        and gate in view.ours
    )


def approval_comment(deployment: Deployment) -> str:
    """Who agreed, as GitHub shows it beside the run."""
    number = f"Slipway #{deployment.number}"
    if is_emergency(deployment):
        return f"{number}: an emergency, declared by {deployment.requested_by.name}; nobody approved it."
    names = [
        vote.name
        for vote in deployment.votes
        if vote.kind is VoteKind.APPROVE and vote.digest == deployment.digest
    ]
    if names:
        return f"{number}: approved by {', '.join(names)}."
    return f"{number}: asked for by {deployment.requested_by.name}; nobody has to approve it."


def rejection_comment(deployment: Deployment) -> str:
    """Why it may not pass."""
    return f"Slipway #{deployment.number}: {deployment.state}. {deployment.note}".strip()


def misfit(deployment: Deployment, policy: Policy) -> tuple[str, str, str] | None:
    """What is wrong with the way it came in, why, and what to do; None where it is the catalog's."""
    pipeline, gate = policy.pipeline, deployment.gate_run
    environment = deployment.wish.environment
    by_gate = pipeline is not None and pipeline.start is Start.GATE
    if gate is None and by_gate:
        return (
            f"{environment} takes what waits at its gate.",
            "The catalog did not say so yet when this was asked for.",
            f"Ask again: `/deploy {deployment.wish.service} {environment}` takes the run that waits there.",
        )
    if gate is None:
        return None
    if pipeline is None or not by_gate:
        return (
            f"{environment} takes no runs that began elsewhere.",
            "The catalog does not say `start: gate` for it (any more).",
            f"Ask for it with `/deploy {deployment.wish.service} {environment}`.",
        )
    if not names_workflow(policy, gate.workflow):
        return (
            f"{gate.workflow} may not deploy to {environment}.",
            f"The catalog names {pipeline.workflow or 'no workflow'} for it, and no other may pass.",
            "Find out who added that workflow, or name it in slipway.yml.",
        )
    if not gate.actor_id:
        return (
            f"Nobody can say who started run {gate.ref.external_id}.",
            "The code host names no account, so nobody could be kept from approving what they started.",
            "Start it again from an account that is still there.",
        )
    if gate.event.startswith(FOREIGN_FILES):
        return (
            f"A run for a {gate.event.replace('_', ' ')} may not deploy to {environment}.",
            "What it runs is not what stands in the commit that it shows.",
            "Merge first; the run of the merge waits here then.",
        )
    return None


def names_workflow(policy: Policy, path: str) -> bool:
    """Whether the catalog names this very file."""
    workflow = policy.pipeline.workflow if policy.pipeline else None
    return workflow is not None and path == FILES + workflow.removeprefix(FILES)


def spelled(catalog: Catalog, provider: str, repository: str) -> str | None:
    """The repository as the catalog writes it, for code hosts don't tell capitals apart; None: not in it."""
    names = [each.repository.full_name for each in catalog.services if each.repository.provider == provider]
    return next((name for name in names if name.lower() == repository.lower()), None)


def places_of(
    catalog: Catalog, provider: str, repository: str, gate: str, workflow: str
) -> tuple[tuple[Service, Environment], ...]:
    """Which places of the catalog the gate belongs to; those that name the workflow, where any does."""
    found = [
        (service, environment)
        for service in catalog.services
        if (service.repository.provider, service.repository.full_name) == (provider, repository)
        for environment in service.environments
        if environment.policy.pipeline is not None
        and environment.policy.pipeline.start is Start.GATE
        and gate_name(environment.policy, environment.name) == gate
    ]
    named = [each for each in found if names_workflow(each[1].policy, workflow)]
    return tuple(named or found)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a run that waited for us, without us."""

    trigger: Trigger
    why: str
    next: str = ""


def fate_of(gate: GateRun, view: GateView) -> Fate | None:
    """None while it still waits. Whoever decided at the provider decided there: it is no approval of ours."""
    if view.run.attempt != gate.attempt:
        return Fate(
            Trigger.GO_STALE,
            f"Somebody started run {gate.ref.external_id} again: an approval covers one attempt.",
            "The new attempt has a card of its own as soon as it waits.",
        )
    if gate.gate in view.ours:
        return None
    if gate.gate in view.waits:
        return Fate(
            Trigger.GO_STALE,
            f"Run {gate.ref.external_id} still waits at {gate.gate}, but not for Slipway (any more).",
            "Somebody took its rule away, or answered in its name. Look at the environment's rules.",
        )
    said = _said(gate, view)
    rejected = next((each for each in said if each.word is GateWord.REJECTED), None)
    if rejected is not None:
        return Fate(Trigger.REJECT, f"Rejected at the code host by {_who(rejected)}.")
    if view.run.status is RunStatus.CANCELLED:
        return Fate(Trigger.WITHDRAW, "Its run was cancelled at the code host.")
    if view.run.status in RUN_ENDS and view.run.status is not RunStatus.SUCCESS and not said:
        return Fate(Trigger.GO_STALE, f"Its run ended at the code host ({view.run.raw_status}).")
    by = ", ".join(_who(each) for each in said) or "somebody who may pass its rules"
    return Fate(
        Trigger.BYPASS,
        f"Decided at the code host, not here: its run goes on, let through by {by}.",
        "That is no approval of Slipway's. Find out why it was not asked for here.",
    )


def _said(gate: GateRun, view: GateView) -> tuple[GateDecision, ...]:
    """By people, of this attempt: the provider lists those of earlier ones as well, in no certain order."""
    known = Counter(each for each in view.decisions if each.gate == gate.gate)
    return tuple((known - Counter(gate.heard)).elements())


def _heard_before(view: GateView, gate: str) -> tuple[GateDecision, ...]:
    """What was said at this gate before its present attempt began to wait for us."""
    return tuple(each for each in view.decisions if each.gate == gate) if view.run.attempt > 1 else ()


def _who(decision: GateDecision) -> str:
    """With their words, which nobody screened: on a card they are one line, and no secret."""
    said = clip(redact(" ".join(decision.comment.split())), LONGEST_COMMENT)
    comment = f" ({said})" if said else ""
    return f"{decision.login or 'somebody'}{comment}"


def maybe_elsewhere(gate: GateRun, view: GateView) -> str:
    """What is said where it waits no longer, and a crash hides whether that was our word."""
    told = [f"{each.login or 'somebody'} {each.word} it there" for each in _said(gate, view)]
    people = f": {', '.join(dict.fromkeys(told))}" if told else ""
    return f"It waits no longer, and nobody can say whether by Slipway's word: it {MAYBE}{people}."


def twin_of(deployment: Deployment, others: Iterable[Deployment]) -> Deployment | None:
    """Which other one answers for the same attempt at the same gate; two must not stand in each other's way.

    Whoever has begun to answer goes on. Of those that wait, an emergency goes first, else who asked first.
    """
    same = _twins(deployment, others)
    begun = next((each for each in same if each.attempt not in UNSENT), None)
    if begun is not None or deployment.state is State.DISPATCHING:
        return begun
    return next((each for each in same if each.state not in ENDS and _turn(each) < _turn(deployment)), None)


def answered_by_another(deployment: Deployment, others: Iterable[Deployment]) -> bool:
    """Whether the run is somebody else's business: then it is not told that this one has ended."""
    same = _twins(deployment, others)
    return any(each.state not in ENDS or each.attempt not in UNSENT for each in same)


def _twins(deployment: Deployment, others: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Those that wait for, or let in, the very same attempt at the very same gate."""
    mine = deployment.gate_run.identity if deployment.gate_run else None
    named = [each for each in others if each.gate_run is not None and each.id != deployment.id]
    return tuple(each for each in named if each.gate_run and each.gate_run.identity == mine)


def _turn(deployment: Deployment) -> tuple[bool, int]:
    return not is_emergency(deployment), deployment.number


def superseded_by(twin: Deployment) -> Fate:
    """The run has one word to wait for."""
    return Fate(Trigger.SUPERSEDE, f"#{twin.number} is about the same run, and answers for it.")


def said_elsewhere(gate: GateRun, view: GateView) -> str:
    """Approvals at the provider, as a remark: they open no gate of ours."""
    names = [each.login for each in _said(gate, view) if each.word is GateWord.APPROVED]
    if not names:
        return ""
    return f"At the code host {', '.join(dict.fromkeys(names))} approved it; that does not count here."
