"""Which run at the provider waits for a release, where that is how its deployment starts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.core.asking import pipeline_of
from bot.core.catalog import Catalog, Environment, Service
from bot.core.errors import UserError
from bot.core.gate_runs import GateRun, GateView, Starts
from bot.core.gatekeeping import (
    FOREIGN_FILES,
    gate_name,
    gate_run_of,
    names_workflow,
    places_of,
)
from bot.core.pipelines import FILES, Start
from bot.core.ports import Doors
from bot.core.records import Deployment, Resolution
from bot.core.runs import Run
from bot.core.values import Sha, short
from bot.core.visible import clip, visible

PATTERNS = 200  # characters of them that are told


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """The run, and the attempt and gate of it that an approval would be bound to."""

    gate: GateRun
    run: Run


def waits_elsewhere(service: Service, environment: Environment) -> bool:
    """Whether what is asked for here is let in, not started."""
    return pipeline_of(service, environment).start is Start.GATE


async def find_waiting(
    doors: Doors, catalog: Catalog, service: Service, environment: Environment, resolution: Resolution
) -> WaitingRun:
    """The one run of exactly this commit that waits for us there; else UserError with what would make one."""
    repository, sha = service.repository.full_name, resolution.workflow_sha
    workflow = pipeline_of(service, environment).workflow or ""
    gate = gate_name(environment.policy, environment.name)
    path = FILES + workflow.removeprefix(FILES)
    _must_be_alone(places_of(catalog, service.repository.provider, repository, gate, path), gate)
    views = await doors.waiting(repository, workflow, sha)
    at_gate = [each for each in views if _fits(each, environment, sha) and gate in each.waits]
    ours = [each for each in at_gate if gate in each.ours]
    if len(ours) == 1:
        return WaitingRun(gate_run_of(ours[0], gate), ours[0].run)
    if ours:
        raise _several(ours, environment.name, sha)
    if at_gate:
        raise UserError(
            f"Run {at_gate[0].run.ref.external_id} of {short(sha)} waits at {gate}, but not for Slipway.",
            "Slipway is not among the rules of that environment, or has answered there already.",
            "`slipway doctor` tells what is missing.",
        )
    raise UserError(
        f"No run of {short(sha)} waits at the gate of {environment.name}.",
        how_it_starts(workflow, await doors.starts(repository, workflow, sha)),
        "As soon as one waits there, its card comes by itself; or ask again then.",
    )


def _must_be_alone(places: Collection[tuple[Service, Environment]], gate: str) -> None:
    """One answer lets in the whole run, and the people of one place don't decide for another."""
    if len(places) > 1:
        names = " and ".join(f"{service.name} in {environment.name}" for service, environment in places)
        raise UserError(
            f"{names} share the gate {gate}.",
            "One answer there would let in all of them, so Slipway gives none.",
            "An administrator can give each a `gate:` or a workflow of its own in slipway.yml.",
        )


def must_be_new(waits: WaitingRun, others: Collection[Deployment]) -> None:
    """UserError where its card is here already: two would only stand in each other's way."""
    for each in others:
        if each.gate_run is not None and each.gate_run.identity == waits.gate.identity:
            raise UserError(
                f"That run waits here already: #{each.number}.",
                f"Run {waits.gate.ref.external_id} of {short(waits.gate.head_sha)} has one card.",
                f"`/state #{each.number}` shows what it waits for, and who can decide.",
            )


def how_it_starts(workflow: str, starts: Starts | None) -> str:
    """What would make a run wait, as far as the file of that commit says so."""
    if starts is None:
        return f"What starts {workflow} can't be read at that commit."
    ways = [_push("branch", "to", starts.branches)] if starts.branches else []
    ways += [_push("tag", "of", starts.tags)] if starts.tags else []
    ways += [f"`{clip(visible(each), PATTERNS)}`" for each in starts.others]
    ways += ["a person at the code host"] if starts.by_hand else []
    if not ways:
        return f"Nothing that Slipway knows of starts {workflow} at that commit."
    return f"{workflow} is started by {', or by '.join(ways)}."


def _push(kind: str, joined: str, patterns: tuple[str, ...]) -> str:
    """`**` alone is any."""
    which = (
        f"any {kind}" if patterns == ("**",) else f"a {kind} `{clip(visible(', '.join(patterns)), PATTERNS)}`"
    )
    return f"a push {joined} {which}"


def _fits(view: GateView, environment: Environment, sha: Sha) -> bool:
    right = view.run.head_sha == sha and not view.event.startswith(FOREIGN_FILES)
    return right and names_workflow(environment.policy, view.workflow)


def _several(views: Collection[GateView], environment: str, sha: Sha) -> UserError:
    names = " and ".join(each.run.ref.external_id for each in views)
    return UserError(
        f"Several runs of {short(sha)} wait at the gate of {environment}: {names}.",
        "Slipway does not guess which one is meant.",
        "Decide on the card of one, or cancel the others at the code host.",
    )
