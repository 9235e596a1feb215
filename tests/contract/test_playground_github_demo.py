"""The demo's catalog fits the company in the playground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.playground.clock import WallClock
from bot.playground.github.company.build import acme
from bot.playground.github.company.people import PEOPLE, TEAMS
from bot.playground.github.deploying import admits
from bot.playground.github.world import Repository, World
from bot.playground.slack.seed import acme as slack_acme

CATALOG: dict[str, Any] = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "examples/demo/slipway.yml").read_text()
)
SERVICES = CATALOG["services"]


@pytest.fixture
def world() -> World:
    return acme(WallClock().now())


def stored(world: World, service: str) -> Repository:
    repo = world.repository(SERVICES[service]["repository"].removeprefix("github:"))
    assert repo is not None
    return repo


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_its_repository_and_its_workflows(world: World, service: str) -> None:
    repo, pipelines = stored(world, service), [SERVICES[service]["pipeline"]]
    for environment in SERVICES[service]["environments"].values():
        pipelines += [environment["rollback"]] if "rollback" in environment else []
    for pipeline in pipelines:
        workflow = repo.workflow(pipeline["workflow"])
        assert workflow is not None
        file = repo.file_at(workflow, repo.git.refs[repo.head])
        assert file is not None and file.can_dispatch
        known = {one.name: one for one in file.inputs}
        needed = {name for name, one in known.items() if one.required}
        assert needed <= pipeline["inputs"].keys() <= known.keys()
        for name, accepted in pipeline.get("accepts", {}).items():
            assert accepted.get("options", []) == list(known[name].options)
            assert accepted["type"] == known[name].kind


@pytest.mark.parametrize("service", SERVICES)
def test_each_environment_admits_the_pins(world: World, service: str) -> None:
    repo = stored(world, service)
    assert repo.environments.keys() == SERVICES[service]["environments"].keys()
    assert all(admits(repo, one, "refs/tags/slipway/slw-1") for one in repo.environments.values())


def test_channels_and_groups_are_those_of_the_workspace() -> None:
    slack = slack_acme("Slipway")
    named = {CATALOG["slack"]["channel"], CATALOG["slack"]["audit_channel"]}
    named |= {service["channel"] for service in SERVICES.values() if "channel" in service}
    groups = {source["slack_group"] for source in CATALOG["people"].values() if "slack_group" in source}
    assert named <= {f"#{channel.name}" for channel in slack.channels.values()}
    assert groups <= {group.handle for group in slack.usergroups.values()}


def test_the_same_people_work_at_both(world: World) -> None:
    slack = slack_acme("Slipway")
    handles = {person.name: person for person in slack.people.values()}
    for person in PEOPLE:
        assert (handles[person.login].real_name, handles[person.login].email) == (person.name, person.email)
    for group in slack.usergroups.values():
        members = {slack.people[member].name for member in group.users}
        assert members == {person.login for person in TEAMS[group.handle]}
    assert world.teams["sre"].members == [person.login for person in TEAMS["sre"]]
