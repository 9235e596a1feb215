"""What may stand under `strategy:`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Tag

from bot.config.shape_base import Many, Shape, by_kind, word_of
from bot.config.words import Duration, Said, Template
from bot.core.rollout import Traffic


class ByPipelineShape(Shape):
    """The pipeline does it."""

    kind: Literal["dispatch"]


class ClusterShape(Shape):
    """Where in which cluster, and what to set the image to."""

    context: Said | None = None
    namespace: Said = "default"
    container: Said | None = None
    image: Template | None = None
    timeout: Duration | None = None


class RollingShape(ClusterShape):
    """One Deployment, a few pods at a time."""

    kind: Literal["rolling"]
    deployment: Said
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None


class BlueGreenShape(ClusterShape):
    """Two Deployments and the Service between them."""

    kind: Literal["blue-green"]
    service: Said
    blue: Said
    green: Said
    selector: Said = "color"
    preview: Said | None = None
    watch: Duration | None = None


class CanaryStepShape(Shape):
    """A share in percent, and how long it stays."""

    weight: int = Field(ge=1, le=100)
    pause: Duration


class CanaryShape(ClusterShape):
    """A growing share of the traffic."""

    kind: Literal["canary"]
    stable: Said
    canary: Said
    steps: Many[CanaryStepShape] = Field(min_length=1)
    traffic: Annotated[Traffic, word_of(Traffic)] = Traffic.REPLICAS
    route: Said | None = None


class ArgoShape(ClusterShape):
    """Argo Rollouts does its own steps."""

    kind: Literal["argo-rollouts"]
    rollout: Said


def _spelled_out(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


StrategyShape = Annotated[
    Annotated[ByPipelineShape, Tag("<dispatch>")]
    | Annotated[RollingShape, Tag("<rolling>")]
    | Annotated[BlueGreenShape, Tag("<blue-green>")]
    | Annotated[CanaryShape, Tag("<canary>")]
    | Annotated[ArgoShape, Tag("<argo-rollouts>")],
    by_kind("dispatch", "rolling", "blue-green", "canary", "argo-rollouts"),
    BeforeValidator(_spelled_out),
]
