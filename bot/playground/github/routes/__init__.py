"""The calls of the API, by area; one line for each."""

from __future__ import annotations

from bot.playground.github.routes.apps import AppArea
from bot.playground.github.routes.base import Area, Parts
from bot.playground.github.routes.checks import CheckArea
from bot.playground.github.routes.commits import CommitArea
from bot.playground.github.routes.deployments import DeploymentArea
from bot.playground.github.routes.environments import EnvironmentArea
from bot.playground.github.routes.gates import GateArea
from bot.playground.github.routes.hooks import HookArea
from bot.playground.github.routes.jobs import JobArea
from bot.playground.github.routes.people import PeopleArea
from bot.playground.github.routes.refs import RefArea
from bot.playground.github.routes.releases import ReleaseArea
from bot.playground.github.routes.repos import RepoArea
from bot.playground.github.routes.runs import RunArea
from bot.playground.github.routes.workflows import WorkflowArea

AREAS: tuple[type[Area], ...] = (
    AppArea,
    CheckArea,
    DeploymentArea,
    EnvironmentArea,
    GateArea,
    HookArea,
    JobArea,
    PeopleArea,
    RefArea,
    ReleaseArea,
    RepoArea,
    RunArea,
    WorkflowArea,
    CommitArea,
)

__all__ = ["AREAS", "Parts"]
