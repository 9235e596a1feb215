"""Guarded environments at the GitHub stand-in: who is asked, who may answer, and what a no does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.playground.github import ActName, Conclusion, GitHubStandIn, Status
from bot.playground.github.hooks import signature
from bot.playground.github.model import Environment, Run
from tests.contract.playground_github import (
    RULE,
    TO_PRODUCTION,
    WEBHOOK_SECRET,
    act,
    answer_rule,
    as_app,
    client,
    ended,
    in_thread,
    listening,
    refused,
    refused_rule,
    running,
    started,
    until,
    waiting,
)

TWO_JOBS = """
on: {push: {branches: [main]}}
jobs:
  first: {runs-on: ubuntu-latest, environment: production, steps: [{run: make first}]}
  second: {runs-on: ubuntu-latest, needs: first, environment: production, steps: [{run: make second}]}
"""


def production(stand_in: GitHubStandIn) -> Environment:
    found = stand_in.world.repository("acme/api")
    assert found is not None
    return found.environments["production"]


def sent(stand_in: GitHubStandIn, event: str) -> list[dict[str, Any]]:
    return [one.payload for one in stand_in.hooks.deliveries if one.event == event]


async def pending(stand_in: GitHubStandIn, run: Run, **body: object) -> list[dict[str, Any]]:
    """What waits at the run, as its required reviewer reads it; with a body, the review."""
    requester = client(stand_in).requester
    url = f"{stand_in.url}/repos/acme/api/actions/runs/{run.id}/pending_deployments"
    verb = "POST" if body else "GET"
    _, data = await in_thread(lambda: requester.requestJsonAndCheck(verb, url, input=body or None))
    assert isinstance(data, list)
    return data


async def test_a_reference_that_the_policy_does_not_admit_breaks_the_job() -> None:
    async with running() as stand_in:
        stray = await ended(
            stand_in, await started(stand_in, branch="feature/refund-webhooks", inputs=TO_PRODUCTION)
        )
        fine = await ended(stand_in, await started(stand_in, inputs=TO_PRODUCTION))
        assert (stray.latest.conclusion, fine.latest.conclusion) == (Conclusion.FAILURE, Conclusion.SUCCESS)
        assert "is not allowed to deploy to production" in stray.latest.jobs[1].log[-1]
        assert production(stand_in).policies[-1] == ("slipway/*", "tag")


async def test_the_app_is_asked_by_a_signed_webhook_that_names_no_run() -> None:
    async with listening() as ear, running(app=True, deliver_to=ear.url) as stand_in:
        production(stand_in).custom_rule = True
        run = await waiting(stand_in, login="margaret")
        await stand_in.hooks.settled()
        heard = [one for one in ear.heard if one.event == "deployment_protection_rule"]
        callback = f"{stand_in.url}/repos/acme/api/{RULE.format(run.id)}"
    assert [signature(WEBHOOK_SECRET, one.body) for one in heard] == [heard[0].signature]
    asked = json.loads(heard[0].body)
    assert asked.keys() == {
        *("action", "environment", "event", "sha", "ref", "deployment_callback_url", "deployment"),
        *("pull_requests", "repository", "organization", "installation", "sender"),
    }
    assert (asked["action"], asked["environment"], asked["event"]) == (
        "requested",
        "production",
        "workflow_dispatch",
    )
    assert (asked["sha"], asked["deployment"]["sha"]) == (run.head_sha, run.head_sha)
    assert (asked["ref"], asked["deployment"]["ref"]) == ("refs/heads/main", "main")
    assert asked["deployment_callback_url"] == callback
    assert (asked["repository"]["full_name"], asked["sender"]["login"]) == ("acme/api", "margaret")


async def test_the_app_lets_the_run_go_on() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run, app = await waiting(stand_in), await as_app(stand_in)
        await answer_rule(app, run)
        assert run.latest.status is Status.WAITING, "a report without a state decides nothing"
        await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
    assert run.latest.conclusion is Conclusion.SUCCESS
    told = [(one.user.login, one.state, one.comment) for one in run.approvals]
    assert told == [("slipway[bot]", "pending", "Slipway #7"), ("slipway[bot]", "approved", "Slipway #7")]


async def test_a_rejection_shows_as_a_failure() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run = await waiting(stand_in)
        await answer_rule(await as_app(stand_in), run, state="rejected")
        await ended(stand_in, run)
    assert run.latest.conclusion is Conclusion.FAILURE
    assert [job.conclusion for job in run.latest.jobs][1:] == [Conclusion.FAILURE, Conclusion.SKIPPED]
    assert "was rejected" in run.latest.jobs[1].log[-1]


async def test_only_the_app_may_answer_its_rule_and_only_while_the_run_waits() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run, app = await waiting(stand_in), await as_app(stand_in)
        no = await refused_rule(client(stand_in), run)
        elsewhere = await refused_rule(app, run, environment_name="staging")
        await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
        late = await refused_rule(app, run)
    nothing = f"No pending custom deployment requests in workflow run `{run.id}` to approve or reject"
    assert no == (403, "Resource not accessible by personal access token")
    assert elsewhere == late == (422, nothing)


async def test_a_second_answer_is_refused_while_a_reviewer_is_still_awaited() -> None:
    async with running(app=True) as stand_in:
        one = production(stand_in)
        one.custom_rule, one.reviewers = True, ("acme-deployer",)
        run, app = await waiting(stand_in), await as_app(stand_in)
        await answer_rule(app, run, state="approved")
        again = await refused_rule(app, run, state="rejected")
        assert run.latest.status is Status.WAITING
        await pending(stand_in, run, environment_ids=[one.id], state="approved", comment="fine")
        await ended(stand_in, run)
    assert again == (422, "Deployment protection rule has already been reviewed")
    assert run.latest.conclusion is Conclusion.SUCCESS


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"state": "maybe"}, "state must be one of approved, rejected"),
        ({"state": "pending"}, "state must be one of approved, rejected"),
        ({"state": None, "comment": None}, '"comment" wasn\'t supplied'),
        ({"environment_name": None}, '"environment_name" wasn\'t supplied'),
        ({"comment": "x" * 1_025}, "maximum is 1024 characters"),
    ],
)
async def test_an_answer_out_of_shape_is_refused(body: dict[str, str | None], words: str) -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run = await waiting(stand_in)
        status, said = await refused_rule(await as_app(stand_in), run, **body)
        assert run.latest.status is Status.WAITING
    assert status == 422
    assert words in said


async def test_ten_comments_are_taken_and_then_an_answer() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run, app = await waiting(stand_in), await as_app(stand_in)
        for number in range(10):
            await answer_rule(app, run, comment=f"report {number}")
        status, _ = await refused_rule(app, run, state=None)
        await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
    assert status == 422
    assert len(run.approvals) == 11


async def test_a_push_that_deploys_waits_and_each_of_its_jobs_is_asked_about() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        files = {".github/workflows/ship.yml": TWO_JOBS}
        await act(stand_in, ActName.ADD_COMMIT, login="grace", files=files)
        run = next(one for one in stand_in.runs("acme/api") if one.path.endswith("ship.yml"))
        app, asked = await as_app(stand_in), []
        for number in (1, 2):
            await until(
                stand_in,
                lambda n=number: len(sent(stand_in, "deployment_protection_rule")) == n,  # type: ignore[misc]
                "one more is asked about",
            )
            asked.append(sent(stand_in, "deployment_protection_rule")[-1])
            await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
    assert [(one["event"], one["sender"]["login"]) for one in asked] == [("push", "grace")] * 2
    assert len({one["deployment"]["id"] for one in asked}) == 2
    assert run.latest.conclusion is Conclusion.SUCCESS


async def test_a_required_reviewer_answers_and_an_app_cannot() -> None:
    async with running(app=True) as stand_in:
        environment = production(stand_in)
        environment.reviewers = ("acme-deployer",)
        run, app = await waiting(stand_in), await as_app(stand_in)
        shown = await pending(stand_in, run)
        url = f"{stand_in.url}/repos/acme/api/actions/runs/{run.id}/pending_deployments"
        body = {"environment_ids": [environment.id], "state": "approved", "comment": "fine"}
        no = await refused(lambda: app.requester.requestJsonAndCheck("POST", url, input=body))
        made = await pending(stand_in, run, **body)
        await ended(stand_in, run)
    assert [(p["environment"]["name"], p["current_user_can_approve"]) for p in shown] == [
        ("production", True)
    ]
    assert no.status == 403
    assert [m["environment"] for m in made] == ["production"]
    assert run.latest.conclusion is Conclusion.SUCCESS


async def test_whoever_may_not_review_reads_that_nothing_waits() -> None:
    async with running() as stand_in:
        environment = production(stand_in)
        environment.reviewers, environment.prevent_self_review = ("acme-deployer",), True
        run = await waiting(stand_in, login="acme-deployer")
        requester = client(stand_in).requester
        url = f"{stand_in.url}/repos/acme/api/actions/runs/{run.id}/pending_deployments"
        body = {"environment_ids": [environment.id], "state": "approved", "comment": "mine"}
        no = await refused(lambda: requester.requestJsonAndCheck("POST", url, input=body))
        shown = await pending(stand_in, run)
    assert (no.status, no.data["errors"]) == (422, "No pending deployment requests to approve or reject")
    assert [one["current_user_can_approve"] for one in shown] == [False]


async def test_an_approval_covers_one_attempt() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run, app = await waiting(stand_in), await as_app(stand_in)
        await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
        await act(stand_in, ActName.RERUN, run=run.id)
        await until(stand_in, lambda: run.latest.status is Status.WAITING, "the second attempt waits again")
        asked = sent(stand_in, "deployment_protection_rule")
    assert run.latest.number == 2
    assert len({one["deployment"]["id"] for one in asked}) == 2
    assert len({one["deployment_callback_url"] for one in asked}) == 1, "the run keeps its number"


async def test_a_cancelled_run_takes_no_answer() -> None:
    async with running(app=True) as stand_in:
        production(stand_in).custom_rule = True
        run, app = await waiting(stand_in), await as_app(stand_in)
        await act(stand_in, ActName.CANCEL_RUN, run=run.id)
        await ended(stand_in, run)
        status, said = await refused_rule(app, run)
    assert run.latest.conclusion is Conclusion.CANCELLED
    assert (status, said.startswith("No pending custom deployment requests")) == (422, True)
