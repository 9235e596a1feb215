"""Runs at the GitHub stand-in, through the real client: their way, their end, and going again."""

from __future__ import annotations

import io
import json
import zipfile

import aiohttp
from github.WorkflowRun import WorkflowRun

from bot.playground.github import ActName, Conclusion, GitHubStandIn, Status
from bot.playground.github.model import Run
from bot.playground.github.names import DeploymentState
from tests.contract.playground_github import (
    TOKEN,
    act,
    ended,
    in_thread,
    refused,
    repository,
    running,
    started,
    until,
)


async def seen(stand_in: GitHubStandIn, run: Run) -> WorkflowRun:
    """The run as the real client reads it."""
    repo = await repository(stand_in)
    return await in_thread(lambda: repo.get_workflow_run(run.id))


def conclusions(run: Run) -> dict[str, Conclusion | None]:
    return {job.name: job.conclusion for job in run.latest.listed}


async def test_a_run_goes_through_its_jobs_one_after_the_other() -> None:
    async with running(speed=20) as stand_in:
        run = await started(stand_in)
        told = []
        while run.latest.status is not Status.COMPLETED:
            told.append((run.latest.status, tuple(job.name for job in run.latest.listed)))
            assert await stand_in.changed()
        listed = [names for _, names in told]
        assert told[0] == (Status.QUEUED, ("build",))
        assert (Status.IN_PROGRESS, ("build", "deploy")) in told
        assert listed == sorted(listed, key=len), "a job disappeared"
        final = await seen(stand_in, run)
        jobs = await in_thread(lambda: list(final.jobs()))
        assert (final.status, final.conclusion) == ("completed", "success")
        assert [job.name for job in jobs] == ["build", "deploy", "smoke test"]
        assert [step.name for step in jobs[1].steps] == [
            "Set up job",
            "Migrate database",
            "Roll out",
            "Keep summary",
            "Keep results",
            "Complete job",
        ]
        assert all(job.completed_at is not None and job.started_at <= job.completed_at for job in jobs)


async def test_a_run_told_to_fail_breaks_at_the_named_job_and_only_once() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.FAIL_NEXT, job="Deploy")
        other = await ended(stand_in, await started(stand_in, workflow="smoke.yml"))
        broken = await ended(stand_in, await started(stand_in))
        fine = await ended(stand_in, await started(stand_in))
        assert other.latest.conclusion is Conclusion.SUCCESS
        assert (broken.latest.conclusion, fine.latest.conclusion) == (Conclusion.FAILURE, Conclusion.SUCCESS)
        assert conclusions(broken) == {
            "build": Conclusion.SUCCESS,
            "deploy": Conclusion.FAILURE,
            "smoke test": Conclusion.SKIPPED,
        }
        told = await seen(stand_in, broken)
        deploy = (await in_thread(lambda: list(told.jobs())))[1]
        assert [step.name for step in deploy.steps if step.conclusion == "failure"] == ["Roll out"]


async def test_success_may_hold_a_skipped_job() -> None:
    async with running() as stand_in:
        run = await ended(stand_in, await started(stand_in, inputs={"skip_smoke": "true"}))
        assert run.latest.conclusion is Conclusion.SUCCESS
        assert conclusions(run)["smoke test"] is Conclusion.SKIPPED


async def test_cancelling_is_accepted_while_a_run_goes_and_refused_afterwards() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.HOLD_NEXT, job="deploy")
        run = await started(stand_in)
        await until(stand_in, lambda: len(run.latest.listed) == 2, "the second job begins")
        going = await seen(stand_in, run)
        assert await in_thread(going.cancel) is True
        await ended(stand_in, run)
        assert run.latest.conclusion is Conclusion.CANCELLED
        assert conclusions(run) == {
            "build": Conclusion.SUCCESS,
            "deploy": Conclusion.CANCELLED,
            "smoke test": Conclusion.CANCELLED,
        }
        late = await refused(lambda: going.requester.requestJsonAndCheck("POST", f"{going.url}/cancel"))
        assert (late.status, late.data["message"]) == (
            409,
            "Cannot cancel a workflow run that is completed.",
        )


async def test_a_rerun_keeps_its_number_and_counts_its_attempts() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.FAIL_NEXT, job="smoke test")
        run = await ended(stand_in, await started(stand_in))
        first = await seen(stand_in, run)
        assert await in_thread(first.rerun) is True
        await ended(stand_in, run)
        second = await seen(stand_in, run)
        assert (second.id, second.run_attempt, second.conclusion) == (first.id, 2, "success")
        assert second.run_started_at >= first.run_started_at
        assert second.created_at == first.created_at
        url = f"{first.url}/attempts/1"
        _, then = await in_thread(lambda: first.requester.requestJsonAndCheck("GET", url))
        _, jobs = await in_thread(lambda: first.requester.requestJsonAndCheck("GET", f"{url}/jobs"))
        assert (then["run_attempt"], then["conclusion"]) == (1, "failure")
        assert [job["conclusion"] for job in jobs["jobs"]] == ["success", "success", "failure"]


async def test_a_rerun_of_failed_jobs_leaves_the_others_as_they_were() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.FAIL_NEXT, job="smoke test")
        run = await ended(stand_in, await started(stand_in))
        built = run.latest.jobs[0].completed_at
        first = await seen(stand_in, run)
        assert await in_thread(first.rerun_failed_jobs) is True
        await ended(stand_in, run)
        assert (run.latest.number, run.latest.conclusion) == (2, Conclusion.SUCCESS)
        assert run.latest.jobs[0].completed_at == built
        assert run.latest.jobs[2].completed_at != run.attempts[0].jobs[2].completed_at
        nothing = await refused(
            lambda: first.requester.requestJsonAndCheck("POST", f"{first.url}/rerun-failed-jobs")
        )
        assert nothing.status == 403


async def test_a_newer_run_takes_the_place_of_the_one_that_waits_in_its_group() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.HOLD_NEXT, job="build")
        first = await started(stand_in)
        second = await started(stand_in)
        await until(stand_in, lambda: second.latest.status is Status.PENDING, "the second waits")
        third = await started(stand_in)
        await ended(stand_in, second)
        assert second.latest.conclusion is Conclusion.CANCELLED
        await act(stand_in, ActName.FINISH_NOW)
        await ended(stand_in, third)
        assert [run.latest.conclusion for run in (first, third)] == [Conclusion.SUCCESS] * 2
        starts = [run.latest.jobs[0].started_at for run in (first, third)]
        assert starts[0] is not None and starts[1] is not None and first.latest.updated_at <= starts[1]


async def test_runs_are_filtered_as_asked() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.FAIL_NEXT, job="smoke test")
        run = await ended(stand_in, await started(stand_in, login="grace"))
        repo = await repository(stand_in)

        async def found(**asked: str) -> list[int]:
            return await in_thread(lambda: [each.id for each in repo.get_workflow_runs(**asked)])  # type: ignore[arg-type]

        day = run.created_at.date().isoformat()
        assert await found(status="failure") == [run.id]
        assert run.id in await found(status="completed")
        assert await found(actor="grace", event="workflow_dispatch") == [run.id]
        assert await found(event="workflow_dispatch", created=f">={day}") == [run.id]
        assert await found(created=f"{day}T00:00:00Z..*", event="workflow_dispatch") == [run.id]
        assert run.id in await found(head_sha=run.head_sha)
        assert await found(branch="slipway/none") == []
        assert await found(created="<2001-01-01") == []


async def test_artifacts_are_fetched_where_a_redirect_leads_without_credentials() -> None:
    async with running() as stand_in:
        run = await ended(stand_in, await started(stand_in))
        told = await seen(stand_in, run)
        artifacts = await in_thread(lambda: list(told.get_artifacts()))
        summary = next(each for each in artifacts if each.name == "slipway")
        async with aiohttp.ClientSession() as session:
            allowed = {"Authorization": f"token {TOKEN}"}
            async with session.get(
                summary.archive_download_url, headers=allowed, allow_redirects=False
            ) as asked:
                assert asked.status == 302
                place = asked.headers["Location"]
            async with session.get(place) as answer:
                content = await answer.read()
        assert len(content) == summary.size_in_bytes
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content_of = json.loads(archive.read("slipway.json"))
        assert content_of["version"] == run.head_sha
        run.artifacts[0].expired = True
        repo = await repository(stand_in)
        gone = await refused(lambda: repo.requester.requestJsonAndCheck("GET", f"{summary.url}/zip"))
        assert gone.status == 410


async def test_each_job_has_a_log_once_it_has_ended() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.FAIL_NEXT, job="smoke test")
        run = await ended(stand_in, await started(stand_in))
        url = f"{stand_in.url}/repos/acme/api/actions/jobs/{run.latest.jobs[2].id}/logs"
        headers = {"Authorization": f"token {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as answer:
            text = await answer.text()
    assert "##[error]Process completed with exit code 1." in text
    assert run.head_sha in text


async def test_a_deployment_follows_its_job_and_retires_the_one_before() -> None:
    async with running() as stand_in:
        repo = stand_in.world.repository("acme/api")
        assert repo is not None
        first = await ended(stand_in, await started(stand_in))
        await act(stand_in, ActName.FAIL_NEXT, job="deploy")
        second = await ended(stand_in, await started(stand_in))
        third = await ended(stand_in, await started(stand_in))
        made = {d.run_id: [s.state for s in d.statuses] for d in repo.deployments.values()}
        begun = DeploymentState.IN_PROGRESS
        assert made[first.id] == [begun, DeploymentState.SUCCESS, DeploymentState.INACTIVE]
        assert made[second.id] == [begun, DeploymentState.FAILURE]
        assert made[third.id] == [begun, DeploymentState.SUCCESS]


async def test_a_push_starts_the_workflows_whose_filters_fit() -> None:
    async with running() as stand_in:
        before = {run.id for run in stand_in.runs("acme/api")}
        pushed = await act(stand_in, ActName.ADD_COMMIT, branch="feature/refund-webhooks")
        await act(stand_in, ActName.CREATE_TAG, tag="v1.6.0")
        await act(stand_in, ActName.CREATE_TAG, tag="slipway/slw-1")
        new = [run for run in stand_in.runs("acme/api") if run.id not in before]
        assert [(run.path.rpartition("/")[2], run.ref) for run in new] == [
            ("ci.yml", "refs/heads/feature/refund-webhooks"),
            ("release.yml", "refs/tags/v1.6.0"),
        ]
        assert new[0].head_sha == pushed["sha"]
