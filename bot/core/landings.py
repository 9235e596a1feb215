"""What reached a guarded environment without a request: whose it is, and how it is told. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.catalog import Catalog, Environment, Service
from bot.core.gate_runs import GateView
from bot.core.gatekeeping import gate_name, names_workflow
from bot.core.landing_ports import Landing
from bot.core.records import UNSENT, Deployment
from bot.core.runs import Run
from bot.core.values import short

WHAT_NEXT = (
    "Find out whether it may stay, then deploy what should run there. `slipway doctor` names the ways around."
)


def guarded_places(
    catalog: Catalog, provider: str, repository: str, gate: str, workflow: str = ""
) -> tuple[tuple[Service, Environment], ...]:
    """Which guarded places lie in this environment; those that name the workflow, where any does."""
    found = [
        (service, environment)
        for service in catalog.services
        if (service.repository.provider, service.repository.full_name) == (provider, repository)
        for environment in service.environments
        if environment.policy.guarded and is_called(environment, gate)
    ]
    named = [each for each in found if names_workflow(each[1].policy, workflow)]
    return tuple(named or found)


def is_called(environment: Environment, gate: str) -> bool:
    """Whether the provider means this one; GitHub's environments don't tell capitals apart."""
    return gate_name(environment.policy, environment.name).casefold() == gate.casefold()


def of_same_attempt(found: Sequence[Deployment], landing: Landing, run: Run | None) -> tuple[Deployment, ...]:
    """Those of the attempt that brought it. Only the last one can be read; what landed before is older.

    The provider tells times in seconds, and nothing lands within the second in which its attempt began.
    """
    if run is None:
        return tuple(found)
    earlier = run.started_at is not None and landing.at <= run.started_at
    return tuple(
        each
        for each in found
        if each.run is not None
        and (each.run.attempt == run.attempt or (earlier and each.run.attempt < run.attempt))
    )


def was_let_in(deployment: Deployment) -> bool:
    """Whether we started it, or told its gate that it may pass."""
    return deployment.attempt not in UNSENT


def goes_as_asked(deployment: Deployment, run: Run | None) -> bool:
    """Whether the run is of the commit that was let in; a reference that moved may have made it another."""
    request = deployment.request
    return request is None or run is None or run.head_sha == request.workflow_sha


def what_is_known(waits: Deployment | None, ended: Deployment | None) -> str:
    """Of its run: who waits for the same one, or ended although the run has its key."""
    if waits is not None:
        return f"#{waits.number} is about the same run and still waits, so nobody has approved it"
    if ended is not None:
        return f"it carries the key of #{ended.number}, which had ended by then: {ended.state}"
    return "nobody asked for it here, and nobody approved it"


def how_it_came(landing: Landing, view: GateView | None, environment: str, known: str) -> str:
    """What reached it, through whom, who let it in there, and what is known of it here."""
    actor = (view.actor if view else landing.actor) or "somebody"
    by = f"run {view.run.ref.external_id} of {view.workflow}" if view else f"a deployment of {actor}'s"
    started = f", which {actor} started" if view else ""
    gate = landing.environment.casefold()
    said = [each.login for each in view.decisions if each.gate.casefold() == gate] if view else []
    let_in = f" At the code host, {', '.join(dict.fromkeys(said))} let it in." if any(said) else ""
    return f"{short(landing.sha)} reached {environment} by {by}{started}: {known}.{let_in}"
