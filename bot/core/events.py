"""What happened, in the past tense. Each is written beside the state it changed, in one commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from bot.core.lifecycle import State, Trigger
from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class DeploymentAsked:
    deployment: DeploymentId
    number: int
    service: str
    environment: str
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeploymentMoved:
    deployment: DeploymentId
    number: int
    source: State
    trigger: Trigger
    target: State
    why: str
    digest: str


@dataclass(frozen=True, slots=True)
class DispatchAttempted:
    """Written before the call: from here on it may have happened."""

    deployment: DeploymentId
    number: int
    key: str
    workflow: str
    dispatch_ref: str
    release_sha: str
    workflow_sha: str
    digest: str


@dataclass(frozen=True, slots=True)
class RunFound:
    deployment: DeploymentId
    number: int
    provider: str
    external_id: str
    attempt: int
    head_sha: str
    url: str


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """Somebody asked for something and was told no."""

    command: str
    service: str
    environment: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class TrailRead:
    """Somebody read the audit trail; what else they looked for is in words."""

    service: str
    environment: str
    words: str


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """What was undone because somebody is no longer here, by the numbers of the deployments."""

    person: str
    name: str
    withdrawn: str
    voided: str


Event = (
    DeploymentAsked | DeploymentMoved | DispatchAttempted | RunFound | RequestRefused | TrailRead | PersonLeft
)
EVENT_NAMES: tuple[str, ...] = tuple(each.__name__ for each in get_args(Event))
