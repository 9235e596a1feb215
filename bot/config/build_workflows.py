"""What `/run` may start: a workflow is a place of its own, with the rules of an environment."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config.shape import CatalogShape, EnvironmentShape, ServiceShape, WorkflowShape
from bot.config.shape_rules import PipelineShape
from bot.core.rules import Right

_OF_THE_PIPELINE = frozenset({"inputs", "pin", "timeout"})


def workflow_shapes(catalog: CatalogShape, service: ServiceShape) -> Mapping[str, EnvironmentShape]:
    """Each as the environment that rules it; who may `run` anything may run it where it names nobody."""
    rights = {**catalog.rights, **service.rights}
    return {name: _shape(name, each, rights) for name, each in service.workflows.items()}


def _shape(name: str, shape: WorkflowShape, rights: Mapping[Right, tuple[str, ...]]) -> EnvironmentShape:
    said = {each: getattr(shape, each) for each in shape.model_fields_set}
    pipeline = {each: said.pop(each) for each in _OF_THE_PIPELINE & said.keys()}
    runners = rights.get(Right.RUN, ())
    if "who" not in said and runners:
        said["who"] = runners
    return EnvironmentShape.model_construct(
        None, **said, pipeline=PipelineShape.model_construct(None, workflow=name, **pipeline)
    )
