"""Answers and webhooks of the GitHub stand-in fit the models made from GitHub's own description."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from githubkit import GitHub, TokenAuthStrategy
from githubkit.webhooks import parse_obj
from pydantic import ValidationError

from bot.playground.github import ActName, GitHubStandIn, Where
from bot.playground.github.hooks import HOOK_ID
from bot.playground.github.model import Run
from bot.playground.github.names import Event
from tests.contract.playground_github import (
    INPUTS,
    TOKEN,
    WEBHOOK_SECRET,
    act,
    app_token,
    ended,
    in_thread,
    listening,
    refused,
    running,
    started,
    until,
    waiting,
    workflow,
)

Call = Callable[[], Awaitable[Any]]
OWN = ("acme", "api")


@asynccontextmanager
async def kit(stand_in: GitHubStandIn, token: str = TOKEN) -> AsyncIterator[Any]:
    """The independent client, for the version of the API that we pin."""
    strategy = TokenAuthStrategy(token)
    async with GitHub(strategy, base_url=stand_in.url, http_cache=False, auto_retry=False) as whole:
        yield whole.rest("2022-11-28")


async def misfits(calls: dict[str, Call]) -> dict[str, str]:
    """Which answers do not fit their model, and why."""
    wrong = {}
    for name, call in calls.items():
        response = await call()
        if response.status_code == 204:
            continue
        try:
            _ = response.parsed_data
        except ValidationError as error:
            wrong[name] = str(error)
    return wrong


def code_calls(rest: Any, sha: str, tag_sha: str, release: int) -> dict[str, Call]:
    repos, git, checks = rest.repos, rest.git, rest.checks
    return {
        "repository": lambda: repos.async_get(*OWN),
        "repositories": lambda: repos.async_list_for_org("acme"),
        "permission": lambda: repos.async_get_collaborator_permission_level(*OWN, "grace"),
        "file": lambda: repos.async_get_content(*OWN, ".github/workflows/deploy.yml"),
        "folder": lambda: repos.async_get_content(*OWN, "src"),
        "branches": lambda: repos.async_list_branches(*OWN),
        "branch": lambda: repos.async_get_branch(*OWN, "feature/refund-webhooks"),
        "tags": lambda: repos.async_list_tags(*OWN),
        "refs": lambda: git.async_list_matching_refs(*OWN, "tags/v"),
        "ref": lambda: git.async_get_ref(*OWN, "heads/main"),
        "tag object": lambda: git.async_get_tag(*OWN, tag_sha),
        "git commit": lambda: git.async_get_commit(*OWN, sha),
        "commits": lambda: repos.async_list_commits(*OWN),
        "commit": lambda: repos.async_get_commit(*OWN, "main"),
        "where head": lambda: repos.async_list_branches_for_head_commit(*OWN, sha),
        "pulls": lambda: repos.async_list_pull_requests_associated_with_commit(*OWN, sha),
        "compare": lambda: repos.async_compare_commits(*OWN, "v1.4.0...main"),
        "check runs": lambda: checks.async_list_for_ref(*OWN, sha),
        "check suites": lambda: checks.async_list_suites_for_ref(*OWN, sha),
        "status": lambda: repos.async_get_combined_status_for_ref(*OWN, sha),
        "statuses": lambda: repos.async_list_commit_statuses_for_ref(*OWN, sha),
        "make status": lambda: repos.async_create_commit_status(*OWN, sha, state="success", context="x"),
        "make ref": lambda: git.async_create_ref(*OWN, ref="refs/tags/slipway/x", sha=sha),
        "move ref": lambda: git.async_update_ref(*OWN, "tags/slipway/x", sha=sha),
        "drop ref": lambda: git.async_delete_ref(*OWN, "tags/slipway/x"),
        "releases": lambda: repos.async_list_releases(*OWN),
        "release": lambda: repos.async_get_release(*OWN, release),
    }


def people_calls(rest: Any) -> dict[str, Call]:
    return {
        "meta": lambda: rest.meta.async_get(),
        "rate limit": lambda: rest.rate_limit.async_get(),
        "me": lambda: rest.users.async_get_authenticated(),
        "user": lambda: rest.users.async_get_by_username("ada"),
        "organisation": lambda: rest.orgs.async_get("acme"),
        "members": lambda: rest.orgs.async_list_members("acme"),
        "teams": lambda: rest.teams.async_list("acme"),
        "team": lambda: rest.teams.async_get_by_name("acme", "sre"),
        "team members": lambda: rest.teams.async_list_members_in_org("acme", "sre"),
        "membership": lambda: rest.teams.async_get_membership_for_user_in_org("acme", "sre", "ada"),
    }


def run_calls(rest: Any, run: Run) -> dict[str, Call]:
    actions, job, artifact = rest.actions, run.latest.jobs[0].id, run.artifacts[0].id
    return {
        "workflows": lambda: actions.async_list_repo_workflows(*OWN),
        "workflow": lambda: actions.async_get_workflow(*OWN, "deploy.yml"),
        "disable": lambda: actions.async_disable_workflow(*OWN, "smoke.yml"),
        "runs": lambda: actions.async_list_workflow_runs_for_repo(*OWN),
        "runs of one": lambda: actions.async_list_workflow_runs(*OWN, "deploy.yml"),
        "run": lambda: actions.async_get_workflow_run(*OWN, run.id),
        "attempt": lambda: actions.async_get_workflow_run_attempt(*OWN, run.id, 1),
        "jobs": lambda: actions.async_list_jobs_for_workflow_run(*OWN, run.id),
        "jobs of attempt": lambda: actions.async_list_jobs_for_workflow_run_attempt(*OWN, run.id, 1),
        "job": lambda: actions.async_get_job_for_workflow_run(*OWN, job),
        "approvals": lambda: actions.async_get_reviews_for_run(*OWN, run.id),
        "artifacts": lambda: actions.async_list_workflow_run_artifacts(*OWN, run.id),
        "all artifacts": lambda: actions.async_list_artifacts_for_repo(*OWN),
        "artifact": lambda: actions.async_get_artifact(*OWN, artifact),
        "suite": lambda: rest.checks.async_get_suite(*OWN, run.check_suite_id),
    }


def deployment_calls(rest: Any, number: int) -> dict[str, Call]:
    repos = rest.repos
    return {
        "environments": lambda: repos.async_get_all_environments(*OWN),
        "environment": lambda: repos.async_get_environment(*OWN, "production"),
        "policies": lambda: repos.async_list_deployment_branch_policies(*OWN, "production"),
        "rules": lambda: repos.async_get_all_deployment_protection_rules("production", "api", "acme"),
        "deployments": lambda: repos.async_list_deployments(*OWN),
        "deployment": lambda: repos.async_get_deployment(*OWN, number),
        "deployment statuses": lambda: repos.async_list_deployment_statuses(*OWN, number),
        "make deployment": lambda: repos.async_create_deployment(
            *OWN, ref="main", environment="staging", required_contexts=[], auto_merge=False
        ),
        "make deployment status": lambda: repos.async_create_deployment_status(
            *OWN, number, state="inactive"
        ),
    }


def app_calls(rest: Any, installation: int, delivery: int) -> dict[str, Call]:
    apps = rest.apps
    return {
        "app": lambda: apps.async_get_authenticated(),
        "installations": lambda: apps.async_list_installations(),
        "installation": lambda: apps.async_get_installation(installation),
        "of repository": lambda: apps.async_get_repo_installation(*OWN),
        "of organisation": lambda: apps.async_get_org_installation("acme"),
        "token": lambda: apps.async_create_installation_access_token(installation),
        "deliveries": lambda: apps.async_list_webhook_deliveries(),
        "delivery": lambda: apps.async_get_webhook_delivery(delivery),
        "again": lambda: apps.async_redeliver_webhook_delivery(delivery),
    }


def hook_calls(rest: Any, delivery: int) -> dict[str, Call]:
    repos = rest.repos
    return {
        "webhooks": lambda: repos.async_list_webhooks(*OWN),
        "webhook deliveries": lambda: repos.async_list_webhook_deliveries(*OWN, HOOK_ID, per_page=2),
        "webhook delivery": lambda: repos.async_get_webhook_delivery(*OWN, HOOK_ID, delivery),
        "webhook again": lambda: repos.async_redeliver_webhook_delivery(*OWN, HOOK_ID, delivery),
    }


async def test_every_answer_about_webhooks_fits_its_model() -> None:
    async with running() as stand_in:
        await ended(stand_in, await started(stand_in))
        stand_in.site.access.scopes = "repo, admin:org_hook"
        delivery = stand_in.hooks.deliveries[0].id
        async with kit(stand_in) as rest:
            assert await misfits({"webhooks": lambda: rest.orgs.async_list_webhooks("acme")}) == {}
            repo = stand_in.world.repository("acme/api")
            assert repo is not None
            stand_in.hooks.repository_id = repo.id
            assert await misfits(hook_calls(rest, delivery)) == {}


async def test_every_answer_about_code_and_people_fits_its_model() -> None:
    async with running() as stand_in:
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        await stand_in.control.acts["add_status"]({"context": "legacy"})
        await stand_in.control.acts["add_check"]({"name": "scan"})
        await stand_in.control.acts["publish_release"]({"tag": "v9.0.0", "draft": True})
        await stand_in.control.acts["publish_release"]({"tag": "v9.0.0"})
        release = max(repo.releases)
        sha, tag_sha = repo.git.refs["refs/heads/main"], next(iter(repo.git.tag_objects))
        async with kit(stand_in) as rest:
            assert await misfits(code_calls(rest, sha, tag_sha, release) | people_calls(rest)) == {}


async def test_every_answer_about_runs_and_deployments_fits_its_model() -> None:
    async with running(app=True) as stand_in:
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        repo.environments["production"].custom_rule = True
        run = await ended(stand_in, await started(stand_in))
        app, delivery = stand_in.site.access.app, stand_in.hooks.deliveries[0].id
        assert app is not None
        async with kit(stand_in) as rest, kit(stand_in, app_token()) as rest_as_app:
            calls = run_calls(rest, run) | deployment_calls(rest, max(repo.deployments))
            calls |= app_calls(rest_as_app, app.installation_id, delivery)
            assert await misfits(calls) == {}


async def test_the_answers_of_a_run_on_its_way_fit_their_models() -> None:
    async with running(app=True, speed=1.0) as stand_in:
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        repo.environments["staging"].reviewers = ("acme-deployer",)
        run = await started(stand_in)
        async with kit(stand_in) as rest:
            look: dict[str, Call] = {
                "run": lambda: rest.actions.async_get_workflow_run(*OWN, run.id),
                "jobs": lambda: rest.actions.async_list_jobs_for_workflow_run(*OWN, run.id),
                "checks": lambda: rest.checks.async_list_for_ref(*OWN, run.head_sha),
                "suites": lambda: rest.checks.async_list_suites_for_ref(*OWN, run.head_sha),
                "pending": lambda: rest.actions.async_get_pending_deployments_for_run(*OWN, run.id),
            }
            assert await misfits(look) == {}
            run.hurry.set()
            await until(stand_in, lambda: run.latest.status == "waiting", "the run waits")
            assert await misfits(look) == {}
            environment = repo.environments["staging"].id
            answer: dict[str, Call] = {
                "review": lambda: rest.actions.async_review_pending_deployments_for_run(
                    *OWN, run.id, environment_ids=[environment], state="approved", comment="go"
                )
            }
            assert await misfits(answer) == {}
            await ended(stand_in, run)
            again: dict[str, Call] = {
                "approvals": lambda: rest.actions.async_get_reviews_for_run(*OWN, run.id),
                "rerun": lambda: rest.actions.async_re_run_workflow(*OWN, run.id),
            }
            assert await misfits(again) == {}


async def test_the_answers_at_a_guarded_environment_fit_their_models() -> None:
    async with running(app=True) as stand_in:
        await act(
            stand_in,
            ActName.PROTECT,
            custom_rule=True,
            reviewers=["grace", "acme-deployer"],
            admins_may_bypass=False,
            protected_branches=True,
        )
        run, installed = await waiting(stand_in), stand_in.site.access.issue()[0]
        async with kit(stand_in) as rest, kit(stand_in, installed) as rest_as_app:
            gate = rest_as_app.actions.async_review_custom_gates_for_run
            calls: dict[str, Call] = {
                "environment": lambda: rest.repos.async_get_environment(*OWN, "production"),
                "rules": lambda: rest.repos.async_get_all_deployment_protection_rules(
                    "production", "api", "acme"
                ),
                "pending": lambda: rest.actions.async_get_pending_deployments_for_run(*OWN, run.id),
                "report": lambda: gate(*OWN, run.id, environment_name="production", comment="soon"),
                "answer": lambda: gate(*OWN, run.id, environment_name="production", state="approved"),
                "history": lambda: rest.actions.async_get_reviews_for_run(*OWN, run.id),
            }
            assert await misfits(calls) == {}
            rows = (await calls["history"]()).parsed_data
    assert [(row.state, row.user.login) for row in rows] == [
        ("pending", "slipway[bot]"),
        ("approved", "slipway[bot]"),
    ]


async def test_each_kind_of_call_has_a_name_for_faults() -> None:
    async with running() as stand_in:
        known = set(stand_in.names)
    assert known == set(Where), "a name that no call has, or a call without a name"


async def test_every_webhook_fits_its_model_and_is_signed() -> None:
    async with listening() as ear, running(deliver_to=ear.url, app=True) as stand_in:
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        deploy = await workflow(stand_in)
        await stand_in.control.acts["add_commit"]({"message": "One more"})
        await stand_in.control.acts["create_tag"]({"tag": "v9.0.0", "annotated": True})
        await stand_in.control.acts["add_status"]({"context": "legacy"})
        draft = {"tag": "v8.0.0", "draft": True, "prerelease": True}
        made = await stand_in.control.acts["publish_release"](draft)
        for change in ("publish", "full"):
            await stand_in.control.acts["edit_release"]({"release": made["release"], change: True})
        stand_in.pushes.delete(repo, "refs/tags/v9.0.0", stand_in.world.users["ada"])
        run = await in_thread(
            lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True)
        )
        await ended(stand_in, stand_in.run(run.id))
        repo.environments["staging"].custom_rule = True
        repo.environments["staging"].reviewers = ("grace", "acme-deployer")
        for state in ("approved", "rejected"):
            guarded = await waiting(stand_in, environment="staging", inputs={})
            await act(stand_in, ActName.REVIEW, run=guarded.id, state=state, comment="seen")
            await act(stand_in, ActName.CANCEL_RUN, run=guarded.id)
        for each in stand_in.runs("acme/api"):
            await ended(stand_in, each)
        await stand_in.hooks.settled()
        heard = list(ear.heard)
    wrong = {}
    for one in heard:
        expected = hmac.new(WEBHOOK_SECRET.encode(), one.body, hashlib.sha256).hexdigest()
        assert one.signature == f"sha256={expected}"
        try:
            parse_obj(one.event, json.loads(one.body))
        except ValidationError as error:
            wrong[f"{one.event} {json.loads(one.body).get('action')}"] = str(error)
    assert wrong == {}
    assert {one.event for one in heard} == set(Event)


async def test_an_unknown_path_is_githubs_404() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        error = await refused(lambda: deploy.requester.requestJsonAndCheck("GET", "/no/such/call"))
    assert error.status == 404
    assert error.data["message"] == "Not Found"
    assert error.data["documentation_url"].startswith("https://docs.github.com/")
