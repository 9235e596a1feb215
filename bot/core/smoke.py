"""Workflows that look at a release after it got there: each is started once, under a key of its own.

None is run before a start, for it would take as long as the deployment itself: how it was there the last time
is what is known of it then.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from bot.core.asking import smoke_inputs
from bot.core.errors import Bug
from bot.core.pipelines import Pin, Start
from bot.core.records import Deployment
from bot.core.rules import Verification, WorkflowVerification
from bot.core.runs import RunRef, TriggerSpec
from bot.core.values import OperationKey, operation_key
from bot.core.verifications import Measured, Outcome
from bot.core.verifying import rules_of


def smoke_key(deployment: Deployment, place: int, turn: int) -> OperationKey:
    """The same after every crash, and another one for each workflow and each time that it is started."""
    seed = f"{deployment.key} verification {place} turn {turn}".encode()
    tail = base64.b32encode(hashlib.sha256(seed).digest()).decode().lower()[:10]
    return operation_key(f"slw-{deployment.number}-{tail}")


def smoke_spec(deployment: Deployment, rule: WorkflowVerification, place: int) -> TriggerSpec:
    """At the commit whose pipeline deployed it; a tag of ours still holds it there."""
    request, resolution = deployment.request, deployment.resolution
    if request is None or resolution is None:
        raise Bug("nothing gets anywhere without a request")
    key = smoke_key(deployment, place, deployment.verifications[place].turn)
    return TriggerSpec(
        provider=request.provider,
        repository=request.repository,
        workflow=rule.workflow,
        ref=request.dispatch_ref,
        inputs=smoke_inputs(rule, deployment.wish, resolution, key),
        key=key,
        workflow_sha=request.workflow_sha,
        pinned=request.pin == Pin.TAG or request.start == Start.TAG,
    )


def last_time(rule: WorkflowVerification, earlier: Sequence[Deployment]) -> str:
    """Why its failure would speak against nobody; empty where it passed. `earlier` has the newest first."""
    for each in earlier:
        said = _said_of(rule, each)
        if said is not None:
            return said
    return "nothing is on record of it here"


def was_measured(rule: WorkflowVerification, ran: Deployment) -> bool:
    """Whether this very workflow looked at that release, with the same inputs."""
    return _said_of(rule, ran) is not None


def _said_of(rule: WorkflowVerification, ran: Deployment) -> str | None:
    known = zip(rules_of(ran), ran.verifications, strict=False)  # nothing is kept of what never got there
    outcomes = {each.outcome for other, each in known if _is_same(rule, other) and each.begun_at is not None}
    if not outcomes:
        return None
    if Outcome.FAILED in outcomes:
        return f"it failed with #{ran.number} as well"
    if Outcome.INCONCLUSIVE in outcomes:
        return f"nobody could tell with #{ran.number} either"
    return f"with #{ran.number} it was not measured to its end" if Outcome.MEASURING in outcomes else ""


def _is_same(rule: WorkflowVerification, other: Verification) -> bool:
    if not isinstance(other, WorkflowVerification):
        return False
    return (rule.workflow, rule.inputs) == (other.workflow, other.inputs)


def is_another(deployment: Deployment, place: int, found: RunRef) -> bool:
    """Whether this run is known as something else: on one tag the runs of one workflow look alike."""
    known = set(_others(deployment.verifications, place))
    if deployment.run is not None:
        known.add(deployment.run.ref.external_id)
    return found.external_id in known


def _others(measured: Sequence[Measured], place: int) -> list[str]:
    found = list(measured[place].earlier)
    for number, each in enumerate(measured):
        found += each.earlier if number != place else ()
        found += [each.run.external_id] if each.run and number != place else []
    return found
