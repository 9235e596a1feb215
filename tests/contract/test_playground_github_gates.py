"""Guarded environments at the GitHub stand-in: who is asked, who may answer, and what a no does."""

from __future__ import annotations

import github

from bot.playground.github import ActName, Conclusion, GitHubStandIn, Status
from bot.playground.github.model import Run
from bot.playground.github.world import Repository
from tests.contract.playground_github import (
    APP_ID,
    PRIVATE_KEY,
    act,
    client,
    ended,
    in_thread,
    refused,
    running,
    started,
    until,
)

TO_PRODUCTION = {"environment": "production"}
RULE = "actions/runs/{}/deployment_protection_rule"


def stored(stand_in: GitHubStandIn) -> Repository:
    found = stand_in.world.repository("acme/api")
    assert found is not None
    return found


async def as_app(stand_in: GitHubStandIn) -> github.Github:
    """The real client with the App's installation token."""
    auth = github.Auth.AppAuth(APP_ID, PRIVATE_KEY)
    integration = github.GithubIntegration(
        auth=auth,
        base_url=stand_in.url,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    installation = await in_thread(lambda: integration.get_repo_installation("acme", "api"))
    return await in_thread(installation.get_github_for_installation)


async def waiting(stand_in: GitHubStandIn) -> Run:
    run = await started(stand_in, inputs=TO_PRODUCTION)
    await until(stand_in, lambda: run.latest.status is Status.WAITING, "the run waits")
    return run


async def answer(user: github.Github, run: Run, **body: str) -> None:
    url = f"{user.requester.base_url}/repos/acme/api/{RULE.format(run.id)}"
    body = {"environment_name": "production", "comment": "Slipway #7", **body}
    await in_thread(lambda: user.requester.requestJsonAndCheck("POST", url, input=body))


async def test_a_reference_that_the_policy_does_not_admit_breaks_the_job() -> None:
    async with running() as stand_in:
        stray = await ended(
            stand_in, await started(stand_in, branch="feature/refund-webhooks", inputs=TO_PRODUCTION)
        )
        fine = await ended(stand_in, await started(stand_in, inputs=TO_PRODUCTION))
        assert (stray.latest.conclusion, fine.latest.conclusion) == (Conclusion.FAILURE, Conclusion.SUCCESS)
        assert "is not allowed to deploy to production" in stray.latest.jobs[1].log[-1]
        assert stored(stand_in).environments["production"].policies[-1] == ("slipway/*", "tag")


async def test_the_app_is_asked_and_lets_the_run_go_on() -> None:
    async with running(app=True) as stand_in:
        stored(stand_in).environments["production"].custom_rule = True
        run = await waiting(stand_in)
        asked = [d.payload for d in stand_in.hooks.deliveries if d.event == "deployment_protection_rule"]
        assert [(a["environment"], a["sha"]) for a in asked] == [("production", run.head_sha)]
        assert asked[0]["deployment_callback_url"].endswith("/repos/acme/api/" + RULE.format(run.id))
        app = await as_app(stand_in)
        await answer(app, run)
        assert run.latest.status is Status.WAITING, "a report without a state decides nothing"
        await answer(app, run, state="approved")
        await ended(stand_in, run)
        assert run.latest.conclusion is Conclusion.SUCCESS
        assert [(a.user.login, a.state) for a in run.approvals] == [
            ("slipway[bot]", "pending"),
            ("slipway[bot]", "approved"),
        ]


async def test_a_rejection_shows_as_a_failure() -> None:
    async with running(app=True) as stand_in:
        stored(stand_in).environments["production"].custom_rule = True
        run = await waiting(stand_in)
        await answer(await as_app(stand_in), run, state="rejected")
        await ended(stand_in, run)
        assert run.latest.conclusion is Conclusion.FAILURE
        assert [job.conclusion for job in run.latest.jobs][1:] == [Conclusion.FAILURE, Conclusion.SKIPPED]


async def test_only_the_app_may_answer_its_rule_and_only_while_the_run_waits() -> None:
    async with running(app=True) as stand_in:
        stored(stand_in).environments["production"].custom_rule = True
        run = await waiting(stand_in)
        person, app = client(stand_in), await as_app(stand_in)
        url = f"{stand_in.url}/repos/acme/api/{RULE.format(run.id)}"
        body = {"environment_name": "production", "state": "approved"}
        no = await refused(lambda: person.requester.requestJsonAndCheck("POST", url, input=body))
        await answer(app, run, state="approved")
        await ended(stand_in, run)
        late = await refused(lambda: app.requester.requestJsonAndCheck("POST", url, input=body))
    assert (no.status, no.data["message"]) == (403, "Resource not accessible by personal access token")
    assert late.status == 422


async def test_a_required_reviewer_answers_and_an_app_cannot() -> None:
    async with running(app=True) as stand_in:
        environment = stored(stand_in).environments["production"]
        environment.reviewers = ("acme-deployer",)
        run = await waiting(stand_in)
        person, app = client(stand_in), await as_app(stand_in)
        url = f"{stand_in.url}/repos/acme/api/actions/runs/{run.id}/pending_deployments"
        _, pending = await in_thread(lambda: person.requester.requestJsonAndCheck("GET", url))
        body = {"environment_ids": [environment.id], "state": "approved", "comment": "fine"}
        no = await refused(lambda: app.requester.requestJsonAndCheck("POST", url, input=body))
        _, made = await in_thread(lambda: person.requester.requestJsonAndCheck("POST", url, input=body))
        await ended(stand_in, run)
    assert [(p["environment"]["name"], p["current_user_can_approve"]) for p in pending] == [
        ("production", True)
    ]
    assert no.status == 403
    assert [m["environment"] for m in made] == ["production"]
    assert run.latest.conclusion is Conclusion.SUCCESS


async def test_an_approval_covers_one_attempt() -> None:
    async with running(app=True) as stand_in:
        stored(stand_in).environments["production"].custom_rule = True
        run = await waiting(stand_in)
        app = await as_app(stand_in)
        await answer(app, run, state="approved")
        await ended(stand_in, run)
        await act(stand_in, ActName.RERUN, run=run.id)
        await until(stand_in, lambda: run.latest.status is Status.WAITING, "the second attempt waits again")
        assert run.latest.number == 2
