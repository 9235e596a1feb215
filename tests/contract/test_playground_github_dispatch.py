"""Dispatching at the GitHub stand-in, through the real client: what starts, what is refused, what is lost."""

from __future__ import annotations

from collections.abc import Callable

import github
import pytest
from github.WorkflowRun import WorkflowRun

from bot.playground.control import Fault, FaultKind
from bot.playground.github import ActName, Where
from tests.contract.playground_github import (
    INPUTS,
    act,
    client,
    ended,
    in_thread,
    refused,
    repository,
    running,
    workflow,
)


async def test_a_dispatch_tells_the_run_only_when_that_is_asked() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        before = len(stand_in.runs("acme/api"))
        plain = await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        told = await in_thread(
            lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True)
        )
        runs = stand_in.runs("acme/api")[before:]
        assert plain is True
        assert [run.id for run in runs][1:] == [told.id]
        assert told.html_url == f"{stand_in.web_url}/acme/api/actions/runs/{told.id}"
        assert [entry.status for entry in stand_in.dispatches()] == [204, 200]


async def test_a_run_stays_with_the_commit_its_branch_had_at_the_dispatch() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        deploy = await workflow(stand_in)
        tip = (await in_thread(lambda: repo.get_branch("main"))).commit.sha
        told = await in_thread(
            lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True)
        )
        moved = await act(stand_in, ActName.MOVE_BRANCH, repository="api", branch="main")
        run = await in_thread(lambda: repo.get_workflow_run(told.id))
        assert (run.head_sha, run.head_branch, run.event) == (tip, "main", "workflow_dispatch")
        assert moved["sha"] != tip
        assert run.display_title == "Deploy main to staging [slw-7-abcdefghij]"
        assert (run.actor.login, run.triggering_actor.login, run.run_attempt) == ("acme-deployer",) * 2 + (1,)
        assert run.path == ".github/workflows/deploy.yml"


async def test_a_run_can_start_from_a_tag_named_in_full() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        deploy = await workflow(stand_in)
        sha = (await in_thread(lambda: repo.get_commit("v1.4.0"))).sha
        await in_thread(lambda: repo.create_git_ref("refs/tags/slipway/slw-7-abcdefghij", sha))
        told = await in_thread(
            lambda: deploy.create_dispatch(
                "refs/tags/slipway/slw-7-abcdefghij", INPUTS, throw=True, return_run_details=True
            )
        )
        found = await in_thread(lambda: list(deploy.get_runs(branch="slipway/slw-7-abcdefghij")))
        assert [(run.id, run.head_sha) for run in found] == [(told.id, sha)]


REFUSALS = {
    "no such reference": ("nowhere", INPUTS, "No ref found for: nowhere"),
    "a commit is no reference": ("f" * 40, INPUTS, "No ref found for: " + "f" * 40),
    "unknown input": ("main", INPUTS | {"colour": "red"}, 'Unexpected inputs provided: ["colour"]'),
    "input left out": ("main", {"environment": "staging"}, "Required input 'version' not provided"),
    "not a choice": (
        "main",
        INPUTS | {"environment": "moon"},
        "Provided value 'moon' for input 'environment' not in the list of allowed values",
    ),
    "not a boolean": (
        "main",
        INPUTS | {"skip_smoke": "maybe"},
        "Provided value 'maybe' for input 'skip_smoke' not in the list of allowed values",
    ),
    "too many inputs": (
        "main",
        {f"input{n}": "x" for n in range(26)},
        "Invalid request.\n\nNo more than 25 properties are allowed; 26 were supplied.",
    ),
    "too long": ("main", INPUTS | {"version": "x" * 65_536}, "inputs are too large."),
}


@pytest.mark.parametrize(("ref", "inputs", "words"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_dispatch_is_refused_in_githubs_words(ref: str, inputs: dict[str, str], words: str) -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        error = await refused(lambda: deploy.create_dispatch(ref, inputs, throw=True))
        assert (error.status, error.data["message"]) == (422, words)
        assert stand_in.dispatches() == []


async def test_a_workflow_without_the_trigger_cannot_be_dispatched() -> None:
    async with running() as stand_in:
        ci = await workflow(stand_in, "ci.yml")
        error = await refused(lambda: ci.create_dispatch("main", throw=True))
    assert error.data["message"] == "Workflow does not have 'workflow_dispatch' trigger"


async def test_a_disabled_workflow_cannot_be_dispatched() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.DISABLE_WORKFLOW, repository="api", workflow="deploy.yml")
        deploy = await workflow(stand_in)
        error = await refused(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        assert deploy.state == "disabled_manually"
    assert error.data["message"] == "Cannot trigger a 'workflow_dispatch' on a disabled workflow"


async def test_the_workflow_file_of_the_reference_decides_about_the_inputs() -> None:
    async with running() as stand_in:
        text = "on: {workflow_dispatch: {inputs: {only: {required: true}}}}\njobs: {a: {steps: []}}\n"
        files = {".github/workflows/deploy.yml": text}
        await act(stand_in, ActName.ADD_COMMIT, branch="feature/other-inputs", files=files)
        deploy = await workflow(stand_in)
        error = await refused(lambda: deploy.create_dispatch("feature/other-inputs", INPUTS, throw=True))
        assert error.data["message"].startswith("Unexpected inputs provided")
        assert await in_thread(
            lambda: deploy.create_dispatch("feature/other-inputs", {"only": "1"}, throw=True)
        )


async def test_a_workflow_that_is_not_on_the_default_branch_is_unknown() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        error = await refused(lambda: repo.get_workflow("nightly.yml"))
    assert error.status == 404


@pytest.mark.parametrize(
    ("kind", "runs"),
    [(FaultKind.LOSE_ANSWER, 1), (FaultKind.DROP, 0), (FaultKind.ERROR_502, 0), (FaultKind.RATE_LIMIT, 0)],
)
async def test_the_journal_knows_whether_a_dispatch_took_place(kind: FaultKind, runs: int) -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        before = len(stand_in.runs("acme/api"))
        stand_in.control.faults.append(Fault(Where.DISPATCH, kind, 1))
        with pytest.raises((github.GithubException, OSError)):
            await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        assert len(stand_in.runs("acme/api")) - before == runs
        assert len(stand_in.dispatches()) == runs
        assert [entry.fault for entry in stand_in.control.calls(Where.DISPATCH)] == [kind]


async def test_a_late_run_is_found_neither_by_list_nor_by_number() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        deploy = await workflow(stand_in)
        await act(stand_in, ActName.LATE_LISTING, seconds=60)
        told = await in_thread(
            lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True)
        )
        look: Callable[[], WorkflowRun] = lambda: repo.get_workflow_run(told.id)  # noqa: E731
        error = await refused(look)
        listed = await in_thread(lambda: [run.id for run in deploy.get_runs()])
        assert error.status == 404
        assert told.id not in listed
        stand_in.run(told.id).visible_at = stand_in.site.clock.now()
        assert (await in_thread(look)).id == told.id
        assert told.id in await in_thread(lambda: [run.id for run in deploy.get_runs()])


async def test_a_dispatch_to_a_renamed_repository_seems_to_work_and_starts_nothing() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        repo = await repository(stand_in)
        await act(stand_in, ActName.RENAME_REPOSITORY, repository="api", name="api-next")
        answer = await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        followed = await in_thread(lambda: client(stand_in).get_repo("acme/api"))
        assert answer is True
        assert stand_in.dispatches() == []
        assert (followed.id, followed.full_name) == (repo.id, "acme/api-next")


async def test_newer_clients_are_always_told_the_run() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        url, headers = f"{deploy.url}/dispatches", {"X-GitHub-Api-Version": "2026-03-10"}
        body = {"ref": "main", "inputs": INPUTS}
        _, data = await in_thread(
            lambda: deploy.requester.requestJsonAndCheck("POST", url, headers=headers, input=body)
        )
        run = stand_in.run(data["workflow_run_id"])
        assert (await ended(stand_in, run)).inputs["environment"] == "staging"
