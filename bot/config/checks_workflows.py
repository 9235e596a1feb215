"""What `/run` may start must not be a way around an environment."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config.build_people import Directory
from bot.config.build_pipelines import rollback_shape
from bot.config.build_workflows import workflow_shapes
from bot.config.checks_environment import check_environment
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import CatalogShape, EnvironmentShape, ServiceShape
from bot.core.pipelines import Provider


def check_workflows(
    path: Path, catalog: CatalogShape, service: ServiceShape, directory: Directory, findings: Findings
) -> None:
    """Everything about the workflows of one service."""
    where = (*path, "workflows")
    if service.workflows and (service.repository or "").partition(":")[0] != Provider.GITHUB:
        findings.wrong(where, "`/run` starts workflows of GitHub alone", "leave it out", key=True)
        return
    used = dict(_workflows_of(service))
    for name, shape in workflow_shapes(catalog, service).items():
        if name in service.environments:
            findings.wrong((*where, name), "an environment is called so", "rename it", key=True)
        if name in used:
            what = f"`{name}` deploys to {used[name]}: `/run` would start it past the rules there"
            findings.wrong((*where, name), what, "leave it out; `/deploy` starts it", key=True)
        check_environment((*where, name), service, shape, directory, findings)


def _workflows_of(service: ServiceShape) -> Iterator[tuple[str, str]]:
    """Each workflow that brings a release somewhere, and where that is."""
    for name, environment in service.environments.items():
        yield from ((workflow, name) for workflow in _named_by(environment))


def _named_by(environment: EnvironmentShape) -> Iterator[str]:
    parts = (environment.pipeline, rollback_shape(environment), environment.backup, environment.restore)
    for part in parts:
        if part is not None and part.workflow is not None:
            yield part.workflow.removeprefix(".github/workflows/")
