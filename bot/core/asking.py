"""From a wish and what the code host answered to the frozen request."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Environment, Policy, Service
from bot.core.code import RefKind
from bot.core.due import GRACE
from bot.core.errors import Bug, UserError
from bot.core.pipelines import Pin, Pipeline, Start
from bot.core.placeholders import Placeholder, Templates, Unfilled, fill, used
from bot.core.policy_version import policy_version
from bot.core.records import Deployment, Resolution, Wish
from bot.core.request import DeployRequest
from bot.core.rules import WorkflowVerification
from bot.core.values import OperationKey, short

TAGS, PINS = "refs/tags/", "slipway/"
EXAMPLE_KEY = "slw-1-aaaaaaaaaa"
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
    filled = _filled(pipeline.inputs, "The input", wish, resolution, key)
    return tuple(sorted((dict(filled) | dict(wish.inputs)).items()))


def smoke_inputs(
    rule: WorkflowVerification, wish: Wish, resolution: Resolution, key: OperationKey
) -> tuple[tuple[str, str], ...]:
    """The inputs of a workflow that looks at the release afterwards, exactly as they will be sent."""
    return tuple(sorted(_filled(rule.inputs, "The input of a verification", wish, resolution, key)))


def _filled(
    templates: Templates, what: str, wish: Wish, resolution: Resolution, key: OperationKey
) -> Templates:
    filled = fill(templates, _values(wish, resolution, key))
    if isinstance(filled, Unfilled):
        name, word = filled.missing[0]
        if word is Placeholder.BACKUP:
            raise no_backup(wish, f"{what} `{name}` needs a backup.")
        raise UserError(
            f"{what} `{name}` needs a value for {{{word}}}.",
            f"`{resolution.ref_name}` has none.",
            f"Name a tag, or change {what[0].lower()}{what[1:]} in slipway.yml.",
        )
    return filled


def uses_backup(pipeline: Pipeline | None) -> bool:
    """Whether an input names the backup that the database is restored from."""
    return pipeline is not None and Placeholder.BACKUP in used(pipeline.inputs)


def no_backup(wish: Wish, what: str) -> UserError:
    """Why there is none to restore from."""
    first = wish.restores.before if wish.restores else 0
    none = f"None from before the migrations of #{first} is on record." if first else ""
    return UserError(
        what,
        none or f"No migration that it takes back is on record for {wish.service} in {wish.environment}.",
        "A run says in its `slipway.json` which backup it made. Without that, restore it by hand.",
    )


def _values(wish: Wish, resolution: Resolution, key: OperationKey) -> dict[Placeholder, str | None]:
    tag = resolution.ref_name if resolution.ref_kind is RefKind.TAG else None
    return {
        Placeholder.ENVIRONMENT: wish.environment,
        Placeholder.SHA: resolution.release.sha,
        Placeholder.SHORT_SHA: short(resolution.release.sha),
        Placeholder.REF: resolution.ref_name,
        Placeholder.TAG: tag,
        Placeholder.VERSION: tag or resolution.release.sha,
        Placeholder.BACKUP: wish.restores.id if wish.restores else None,
        Placeholder.KEY: key,
        Placeholder.PREVIOUS_SHA: resolution.base_sha,
        Placeholder.PREVIOUS_SHORT_SHA: short(resolution.base_sha) if resolution.base_sha else None,
        Placeholder.PREVIOUS_VERSION: resolution.base_sha,
    }


def freeze(
    deployment: Deployment, resolution: Resolution, service: Service, environment: Environment, now: datetime
) -> DeployRequest:
    """The request, from here on never edited."""
    pipeline, policy = pipeline_of(service, environment), environment.policy
    waits = deployment.gate_run
    for rule in policy.verify:  # what can't be said when it is asked for can't be said afterwards either
        if isinstance(rule, WorkflowVerification):
            smoke_inputs(rule, deployment.wish, resolution, deployment.key)
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
        dispatch_ref=_dispatch_ref(pipeline, deployment.wish, resolution, deployment.key),
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


def _dispatch_ref(pipeline: Pipeline, wish: Wish, resolution: Resolution, key: OperationKey) -> str:
    """On what it runs: the tag that starts it, the one that holds it to its commit, or what was asked for."""
    if pipeline.start is Start.TAG and pipeline.tag is not None:
        ((_, name),) = _filled((("tag", pipeline.tag),), "The name of the tag", wish, resolution, key)
        return TAGS + name
    return pin_ref(key) if pipeline.pin is Pin.TAG else resolution.dispatch_ref


def example_tag(pipeline: Pipeline, environment: str) -> str:
    """What a tag may look like whose push starts this pipeline."""
    words: dict[Placeholder, str | None] = dict.fromkeys(Placeholder, "1.0.0")
    words |= {Placeholder.ENVIRONMENT: environment, Placeholder.KEY: EXAMPLE_KEY}
    filled = fill((("tag", pipeline.tag or f"{PINS}{{{Placeholder.KEY}}}"),), words)
    if isinstance(filled, Unfilled):
        raise Bug("an example has a word for every placeholder")
    return filled[0][1]


def pin_ref(key: OperationKey) -> str:
    """The tag of our own, which goes with the end: it holds a dispatch to one commit, or starts it."""
    return f"{TAGS}{PINS}{key}"
