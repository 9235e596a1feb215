"""How a release reaches an environment, as the catalog describes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar


class Traffic(StrEnum):
    """What divides the traffic between the old and the new release of a canary."""

    REPLICAS = "replicas"
    INGRESS = "ingress"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Target:
    """Where in a cluster; `context` None means the cluster Slipway runs in."""

    namespace: str
    context: str | None = None
    container: str | None = None
    image: str | None = None
    timeout: timedelta = timedelta(seconds=600)


@dataclass(frozen=True, slots=True)
class ByPipeline:
    """The pipeline does all of it."""

    kind: ClassVar[str] = "dispatch"


@dataclass(frozen=True, slots=True)
class Rolling:
    """Replace the pods of one Deployment a few at a time."""

    kind: ClassVar[str] = "rolling"
    target: Target
    deployment: str
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None


@dataclass(frozen=True, slots=True)
class BlueGreen:
    """Fill the idle colour, then move the Service's selector."""

    kind: ClassVar[str] = "blue-green"
    target: Target
    service: str
    blue: str
    green: str
    selector: str = "color"
    preview: str | None = None
    watch: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CanaryStep:
    """A share of the traffic, kept for a while."""

    weight: int
    pause: timedelta


@dataclass(frozen=True, slots=True)
class Canary:
    """Give the new release a growing share of the traffic."""

    kind: ClassVar[str] = "canary"
    target: Target
    stable: str
    canary: str
    steps: tuple[CanaryStep, ...]
    traffic: Traffic = Traffic.REPLICAS
    route: str | None = None


@dataclass(frozen=True, slots=True)
class ArgoRollouts:
    """Set the image and let Argo Rollouts do its own steps."""

    kind: ClassVar[str] = "argo-rollouts"
    target: Target
    rollout: str


Strategy = ByPipeline | Rolling | BlueGreen | Canary | ArgoRollouts
