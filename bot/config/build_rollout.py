"""Strategies from their shapes."""

from __future__ import annotations

from dataclasses import replace

from bot.config.shape_rollout import (
    ArgoShape,
    BlueGreenShape,
    ByPipelineShape,
    CanaryShape,
    ClusterShape,
    RollingShape,
    StrategyShape,
)
from bot.core.rollout import (
    ArgoRollouts,
    BlueGreen,
    ByPipeline,
    Canary,
    CanaryStep,
    Rolling,
    Strategy,
    Target,
)


def build_strategy(shape: StrategyShape | None) -> Strategy:
    """Nothing said: the pipeline does it."""
    match shape:
        case None | ByPipelineShape():
            return ByPipeline()
        case RollingShape():
            return Rolling(_target(shape), shape.deployment, shape.max_unavailable, shape.max_surge)
        case BlueGreenShape():
            return _blue_green(shape)
        case CanaryShape():
            steps = tuple(CanaryStep(each.weight, each.pause) for each in shape.steps)
            return Canary(_target(shape), shape.stable, shape.canary, steps, shape.traffic, shape.route)
        case ArgoShape():
            return ArgoRollouts(_target(shape), shape.rollout)


def _blue_green(shape: BlueGreenShape) -> BlueGreen:
    built = BlueGreen(_target(shape), shape.service, shape.blue, shape.green, shape.selector, shape.preview)
    return built if shape.watch is None else replace(built, watch=shape.watch)


def _target(shape: ClusterShape) -> Target:
    built = Target(shape.namespace, shape.context, shape.container, shape.image)
    return built if shape.timeout is None else replace(built, timeout=shape.timeout)
