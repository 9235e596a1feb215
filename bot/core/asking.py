"""From a wish and what the code host answered to the frozen request."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Environment, Policy, Service
from bot.core.code import RefKind
from bot.core.due import GRACE
from bot.core.errors import UserError
from bot.core.pipelines import Pin, Pipeline
from bot.core.placeholders import Placeholder, Unfilled, fill, used
from bot.core.policy_version import policy_version
from bot.core.records import Deployment, Resolution, Wish
from bot.core.request import DeployRequest
from bot.core.values import OperationKey, short

RELEASE_WORDS = frozenset(
    {Placeholder.SHA, Placeholder.SHORT_SHA, Placeholder.REF, Placeholder.TAG, Placeholder.VERSION}
)


def pipeline_of(service: Service, environment: Environment) -> Pipeline:
    """The pipeline that brings a release there, or UserError."""
    pipeline = environment.policy.pipeline
    if pipeline is None:
        raise UserError(
            f"{service.name} has no pipeline for {environment.name}.",
            "Nothing in slipway.yml says what to start.",
            "Add `pipeline:` to the service or to the environment.",
        )
    return pipeline


def carries_release(pipeline: Pipeline) -> bool:
    """Whether an input tells the workflow which release to deploy."""
    return bool(used(pipeline.inputs) & RELEASE_WORDS)


def inputs_for(
    pipeline: Pipeline, wish: Wish, resolution: Resolution, key: OperationKey
) -> tuple[tuple[str, str], ...]:
    """The inputs exactly as they will be sent, or UserError."""
    tag = resolution.ref_name if resolution.ref_kind is RefKind.TAG else None
    values: dict[Placeholder, str | None] = {
        Placeholder.ENVIRONMENT: wish.environment,
        Placeholder.SHA: resolution.release.sha,
        Placeholder.SHORT_SHA: short(resolution.release.sha),
        Placeholder.REF: resolution.ref_name,
        Placeholder.TAG: tag,
        Placeholder.VERSION: tag or resolution.release.sha,
        Placeholder.KEY: key,
        Placeholder.PREVIOUS_SHA: resolution.base_sha,
        Placeholder.PREVIOUS_SHORT_SHA: short(resolution.base_sha) if resolution.base_sha else None,
        Placeholder.PREVIOUS_VERSION: resolution.base_sha,
    }
    filled = fill(pipeline.inputs, values)
    if isinstance(filled, Unfilled):
        name, word = filled.missing[0]
        raise UserError(
            f"The input `{name}` needs a value for {{{word}}}.",
            f"`{resolution.ref_name}` has none.",
            "Name a tag, or change the input in slipway.yml.",
        )
    return tuple(sorted((dict(filled) | dict(wish.inputs)).items()))


def freeze(
    deployment: Deployment, resolution: Resolution, service: Service, environment: Environment, now: datetime
) -> DeployRequest:
    """The request, from here on never edited."""
    pipeline, policy = pipeline_of(service, environment), environment.policy
    pinned, waits = pipeline.pin is Pin.TAG, deployment.gate_run
    return DeployRequest(
        workspace=deployment.workspace,
        key=deployment.key,
        kind=deployment.wish.kind,
        action=deployment.action,
        service=service.name,
        environment=environment.name,
        provider=pipeline.provider,
        repository=service.repository.full_name,
        repository_id=resolution.repository_id,
        workflow=pipeline.workflow or pipeline.job or "",
        start=pipeline.start,
        pin=pipeline.pin,
        asked_ref=resolution.ref_name,
        release_sha=resolution.release.sha,
        dispatch_ref=pin_ref(deployment.key) if pinned else resolution.dispatch_ref,
        workflow_sha=resolution.workflow_sha,
        inputs=() if waits else inputs_for(pipeline, deployment.wish, resolution, deployment.key),
        policy_version=policy_version(service, environment),
        requester=deployment.requested_by.id,
        emergency=deployment.wish.emergency,
        nonce=deployment.id,
        expires_at=_end(deployment.wish, policy, now),
        awaits=waits.identity if waits else "",
    )


def _end(wish: Wish, policy: Policy, now: datetime) -> datetime | None:
    """Until when it may start, where anything says so; it is a part of what people approve."""
    if wish.due is not None:
        return wish.due.at + GRACE
    return now + policy.approvals.expires if policy.approvals.count else None


def pin_ref(key: OperationKey) -> str:
    """The tag that holds a dispatch to one commit."""
    return f"refs/tags/slipway/{key}"
