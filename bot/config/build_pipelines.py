"""Pipelines as they take effect: what is not said follows from the provider, the tier and the environment."""

from __future__ import annotations

from datetime import timedelta

from bot.config.shape import EnvironmentShape
from bot.config.shape_rules import AcceptedShape, PipelineShape
from bot.core.pipelines import AcceptedInput, Pin, Pipeline, Provider, Start

TIMEOUT = timedelta(hours=1)
_PIN = {Start.GATE: Pin.GATE, Start.JOB: Pin.GATE, Start.INPUT: Pin.GATE, Start.TAG: Pin.TAG}
# A push carries no inputs, and a run that waits has its own.
_SEND_NOTHING = frozenset({Start.GATE, Start.TAG})


def build_pipeline(
    shape: PipelineShape, home: Provider, environment: EnvironmentShape, guarded: bool
) -> Pipeline:
    """`home` is where the code lives: the provider unless another one is named."""
    provider = shape.provider or home
    start = shape.start or Start.DISPATCH
    sends = start not in _SEND_NOTHING
    return Pipeline(
        provider=provider,
        start=start,
        pin=shape.pin or pin_of(provider, start, guarded),
        timeout=shape.timeout or environment.timeout or TIMEOUT,
        workflow=shape.workflow,
        job=shape.job,
        ref=shape.ref,
        trigger=shape.trigger,
        gate=shape.gate,
        tag=shape.tag if start is Start.TAG else None,
        inputs=tuple(sorted(shape.inputs.items())) if sends else (),
        accepts=tuple(_accepted(name, each) for name, each in shape.accepts.items()) if sends else (),
    )


def pin_of(provider: Provider, start: Start, guarded: bool) -> Pin:
    """The pin when none is named. Jenkins builds what its job says, so only a look afterwards is left."""
    found = _PIN.get(start)
    if found is not None:
        return found
    return Pin.TAG if guarded and provider is not Provider.JENKINS else Pin.CHECK


NOT_OF_A_PIPELINE = frozenset({"automatic", "approvals", "despite_freeze", "hold"})


def rollback_shape(environment: EnvironmentShape) -> PipelineShape | None:
    """The rollback's own pipeline over the environment's; None when nothing of its own is said."""
    own = environment.rollback
    said = own.model_fields_set - NOT_OF_A_PIPELINE
    base = environment.pipeline
    if not said or base is None or (own.provider is not None and own.provider is not base.provider):
        return own if said else None
    inherited = {name: getattr(base, name) for name in _INHERITED & base.model_fields_set}
    stated = {name: getattr(own, name) for name in said}
    return PipelineShape.model_construct(None, **{**inherited, **stated})


_INHERITED = frozenset({"provider", "workflow", "job", "ref", "trigger", "pin", "timeout"})


def _accepted(name: str, shape: AcceptedShape) -> AcceptedInput:
    return AcceptedInput(name, shape.type, shape.options, shape.default, shape.required, shape.max_length)
