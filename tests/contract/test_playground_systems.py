"""The stand-ins of the systems have what their examples name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.catalog import load_catalog
from bot.core.people import GithubTeam, listed_in
from bot.core.pipelines import Pipeline
from bot.playground.clock import WallClock
from bot.playground.github.deploying import admits
from tests.scenario.systems import MARKETPLACE, TASKFLOW, System

BOTH = pytest.mark.parametrize("system", [TASKFLOW, MARKETPLACE], ids=lambda each: each.example)


def pipelines(system: System, folder: Path) -> list[tuple[str, Pipeline]]:
    """Of each environment, with what goes back."""
    found: list[tuple[str, Pipeline]] = []
    service = load_catalog(system.catalog(folder)).service(system.service)
    assert service is not None
    for each in service.environments:
        for pipeline in (each.policy.pipeline, each.policy.rollback.pipeline, each.policy.restore):
            found += [(each.name, pipeline)] if pipeline else []
    return found


@BOTH
def test_every_workflow_is_there_and_takes_these_inputs(system: System, tmp_path: Path) -> None:
    world = system.company(WallClock().now())
    (repository,) = world.repositories.values()
    for environment, pipeline in pipelines(system, tmp_path):
        assert pipeline.workflow is not None
        workflow = repository.workflow(pipeline.workflow)
        assert workflow is not None, pipeline.workflow
        file = repository.file_at(workflow, repository.git.refs[repository.head])
        assert file is not None and file.can_dispatch
        given = {name: environment for name, _ in pipeline.inputs}
        assert file.checked_inputs(given).keys() >= given.keys()
        assert admits(repository, repository.environments[environment], "refs/tags/slipway/slw-1")


@BOTH
def test_every_team_and_check_is_there(system: System, tmp_path: Path) -> None:
    world = system.company(WallClock().now())
    (repository,) = world.repositories.values()
    catalog = load_catalog(system.catalog(tmp_path))
    named = {one for each in catalog.people for one in listed_in(each.rule)}
    teams = {f"{world.organization.login}/{name}" for name in world.teams}
    assert {each.name for each in named if isinstance(each, GithubTeam)} == teams
    asked = {
        rule.name for each in catalog.services for place in each.environments for rule in place.policy.checks
    }
    head = repository.git.refs[repository.head]
    files = [repository.file_at(each, head) for each in repository.workflows.values()]
    assert asked <= {job.name for file in files if file is not None for job in file.jobs}
