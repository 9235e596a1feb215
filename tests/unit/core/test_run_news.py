"""What subscribers hear of a run that nobody asked us for, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.following import About, RunChange, RunRecord
from bot.core.pipelines import Pin, Pipeline, Repository, Start
from bot.core.rules import WorkflowVerification
from bot.core.run_news import TOPICS, news_of, services_of, shows_logs, told_of_run
from bot.core.runs import RunRef
from bot.core.subscriptions import QUIET, Filter, Topic, made
from bot.core.values import DeploymentId
from tests.fakes.samples import NOON, PIPELINE, catalog, policy, run, service

CI, DEPLOY = ".github/workflows/ci.yml", ".github/workflows/deploy.yml"
REF = RunRef("github", "acme/api", "101")


def place(name: str = "staging", **changes: Any) -> Environment:
    return Environment(name, policy(**changes))


def pipeline(workflow: str, **changes: Any) -> Pipeline:
    return replace(PIPELINE, workflow=workflow, **changes)


API = service("api", place())
JOBS = service("jobs", place(pipeline=pipeline("jobs.yml")))
ELSEWHERE = service("web", place(), repository=Repository(API.repository.provider, "acme/web"))
KNOWN = catalog(API, JOBS, ELSEWHERE)


def record(path: str = CI, deployment: str = "", branch: str = "main", **about: Any) -> RunRecord:
    told = About("CI", path, branch, "push", "grace", 7, "Add refunds", **about)
    return RunRecord(run(), told, NOON, NOON, DeploymentId(deployment) if deployment else None)


def names(path: str, *services: Any) -> list[str]:
    return [each.name for each in services_of(catalog(*services) if services else KNOWN, REF, path)]


def test_a_run_is_of_all_services_of_its_repository() -> None:
    assert names(CI) == ["api", "jobs"]
    assert services_of(KNOWN, replace(REF, repository="acme/other"), CI) == ()
    assert services_of(KNOWN, replace(REF, provider="gitlab"), CI) == ()


def test_a_workflow_that_some_name_as_their_own_is_theirs_alone() -> None:
    assert names(DEPLOY) == ["api"]
    assert names(".github/workflows/jobs.yml") == ["jobs"]
    both = service("worker", place(pipeline=pipeline(DEPLOY)))
    assert names(DEPLOY, API, JOBS, both) == ["api", "worker"]


@pytest.mark.parametrize(
    ("path", "services", "shown"),
    [
        (CI, (API, JOBS), True),
        (CI, (API, replace(JOBS, logs=False)), False),
        (DEPLOY, (API, replace(JOBS, logs=False)), True),
        (DEPLOY, (replace(API, logs=False),), True),  # its place says something else
        (DEPLOY, (service("api", replace(place(), logs=False)), JOBS), False),
        (CI, (service("api", replace(place(), logs=False)), JOBS), True),
    ],
)
def test_logs_are_kept_back_by_whose_workflow_it_is(path: str, services: Any, shown: bool) -> None:
    assert shows_logs(catalog(*services), REF, path) is shown


@pytest.mark.parametrize(
    "given",
    [
        {"backup": pipeline("own.yml")},
        {"restore": pipeline("own.yml")},
        {"verify": (WorkflowVerification("own.yml"),)},
    ],
)
def test_what_runs_beside_a_release_is_named_as_well(given: dict[str, Any]) -> None:
    assert names(".github/workflows/own.yml", service("api", place(**given)), JOBS) == ["api"]
    started = service("api", workflows=(place("own.yml", pipeline=pipeline("own.yml")),))
    assert names(".github/workflows/own.yml", started, JOBS) == ["api"]


def test_every_change_but_a_skip_has_its_topic() -> None:
    assert set(TOPICS) == set(RunChange) - {RunChange.SKIPPED}
    assert {each.topic for each in TOPICS.values() if each.aloud} <= set(QUIET)
    told = told_of_run(KNOWN, record(), (RunChange.SUCCEEDED, RunChange.RECOVERED, RunChange.SKIPPED))
    assert [(each.topic, each.aloud) for each in told] == [(Topic.SUCCESS, False), (Topic.RECOVERED, True)]


def test_what_we_started_has_its_card_already() -> None:
    every = tuple(RunChange)
    assert told_of_run(KNOWN, record(deployment="d1"), every) == ()
    assert told_of_run(KNOWN, replace(record(), about=None), every) == ()
    assert told_of_run(KNOWN, record(DEPLOY, ours=True), every) == ()
    assert told_of_run(KNOWN, record(DEPLOY), every) != (), "somebody started it past us"
    assert told_of_run(KNOWN, record(CI, ours=True), every) != (), "a push by the account whose token we have"


def test_of_what_comes_to_our_gate_only_its_end_without_us_is_told() -> None:
    gated = catalog(service("api", place(pipeline=pipeline("deploy.yml", start=Start.GATE, pin=Pin.GATE))))
    every = (RunChange.STARTED, RunChange.WAITS, RunChange.FAILED)
    for ours in (False, True):
        told = told_of_run(gated, record(DEPLOY, ours=ours), every)
        assert [each.change for each in told] == [RunChange.FAILED]


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (made(["api"]), True),
        (made(), True),
        (made(["web"]), False),
        (made(["api"], branches=["main", "release/*"]), True),
        (made(["api"], branches=["release/*"]), False),
        (made(["api"], topics=[Topic.SUCCESS]), False),
        (made(["api"], ["staging"]), False),
    ],
)
def test_all_keys_must_fit_and_environments_ask_for_deployments_alone(wanted: Filter, heard: bool) -> None:
    assert wanted.hears(news_of(record(), API, Topic.FAILURE)) == heard


def test_a_run_of_no_branch_is_not_heard_by_who_names_one() -> None:
    assert not made(branches=["*"]).hears(news_of(record(branch=""), API, Topic.FAILURE))
    assert made().hears(news_of(replace(record(), about=None), API, Topic.FAILURE))
