"""Where a check at GitHub comes from, read through every page; and who only claims to be somebody."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.core.checks import ACTIONS_APP, Check, CheckState, FromAccount, FromApp
from bot.core.errors import NeedsHuman
from bot.core.gates.checks import find
from bot.core.rules import CheckRule
from bot.core.values import Sha
from bot.playground.github.model import Check as PlayCheck
from bot.playground.github.model import CommitStatus
from bot.playground.github.model import Run as PlayRun
from bot.playground.github.names import ActName, Conclusion, Where
from tests.contract.ci_suite import HEADS
from tests.contract.github_harness import PATIENCE, REPOSITORY, GitHubHarness, github_harness

CI, EVIL = ".github/workflows/ci.yml", ".github/workflows/evil.yml"
FROM_CI = FromApp(ACTIONS_APP, CI, on_default_branch=True, event="push")
GREEN, RED, PENDING = CheckState.GREEN, CheckState.NOT_GREEN, CheckState.PENDING
EVIL_FILE = """name: Evil
on: {push: {branches: ["**"]}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps: [{name: Say yes, run: "true"}]
"""


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


async def told(harness: GitHubHarness, at: Sha, *names: str) -> dict[FromApp | FromAccount, Check]:
    found = (await harness.code.checks(REPOSITORY, at, names)).each
    assert len({each.source for each in found}) == len(found)
    return {each.source: each for each in found}


async def until(harness: GitHubHarness, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await harness.stand_in.changed(0.1)


def run_of(harness: GitHubHarness, at: Sha, path: str) -> PlayRun:
    return next(run for run in harness.repo.runs.values() if run.head_sha == at and run.path == path)


async def pushed(harness: GitHubHarness, branch: str, **files: str) -> Sha:
    done = await harness.stand_in.acts.perform(
        ActName.ADD_COMMIT, repository="api", branch=branch, files=files
    )
    return Sha(done["sha"])


async def test_a_job_is_told_with_the_file_of_its_workflow(harness: GitHubHarness) -> None:
    found = await told(harness, harness.tip(), "test")
    assert set(found) == {FROM_CI}
    assert found[FROM_CI].state is GREEN
    assert "/actions/runs/" in found[FROM_CI].url


async def test_every_page_is_read(harness: GitHubHarness) -> None:
    """The oldest stand on the last page, and they are the ones that are asked for."""
    tip = harness.tip()
    await harness.check(tip, "scan", "scanner", "failure")
    await harness.status(tip, "legacy", "linus", "failure")
    who = harness.stand_in.world.users["linus"]
    for number in range(230):
        await harness.check(tip, f"shard {number}", "scanner", "success")
        id = harness.stand_in.world.number("status")
        harness.repo.statuses.append(
            CommitStatus(id, tip, f"unit {number}", "success", "", "", who, harness.clock.now())
        )
    found = await told(harness, tip, "scan", "legacy", "test")
    assert found[FromApp("scanner")].state is RED
    assert found[FromAccount("linus")].state is RED
    assert found[FROM_CI].state is GREEN


async def test_the_runs_and_jobs_of_a_commit_have_pages_too(harness: GitHubHarness) -> None:
    """The run of the workflow that matters is the oldest of many."""
    tip = harness.tip()
    for _ in range(105):
        await harness.act(ActName.START_RUN, repository="api", workflow="smoke.yml")
    assert FROM_CI in await told(harness, tip, "test")


async def test_a_rerun_takes_the_place_of_what_was_before(harness: GitHubHarness) -> None:
    await harness.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    at = await pushed(harness, "main")
    run = run_of(harness, at, CI)
    await until(harness, lambda: run.latest.conclusion is not None)
    assert (await told(harness, at, "test"))[FROM_CI].state is RED
    await harness.act(ActName.HOLD_NEXT, job="lint", workflow="ci.yml")
    await harness.act(ActName.RERUN, run=run.id)
    assert (await told(harness, at, "test"))[FROM_CI].state is PENDING  # its job is not even there yet
    assert (await told(harness, at, "lint"))[FROM_CI].state is PENDING
    await harness.act(ActName.FINISH_NOW, run=run.id)
    await until(harness, lambda: run.latest.conclusion is not None)
    assert (await told(harness, at, "test"))[FROM_CI].state is GREEN


async def test_what_was_green_waits_for_its_rerun(harness: GitHubHarness) -> None:
    tip = harness.tip()
    run = run_of(harness, tip, CI)
    await harness.act(ActName.HOLD_NEXT, job="lint", workflow="ci.yml")
    await harness.act(ActName.RERUN, run=run.id)
    assert (await told(harness, tip, "test"))[FROM_CI].state is PENDING


async def test_a_job_of_the_right_name_in_another_workflow_is_told_apart(harness: GitHubHarness) -> None:
    await harness.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    at = await pushed(harness, "sneaky", **{EVIL: EVIL_FILE})
    for path in (CI, EVIL):
        run = run_of(harness, at, path)
        await until(harness, lambda run=run: run.latest.conclusion is not None)  # type: ignore[misc]
    found = await told(harness, at, "test")
    assert {source: check.state for source, check in found.items()} == {
        FROM_CI: RED,
        FromApp(ACTIONS_APP, EVIL, event="push"): GREEN,
    }


async def test_a_check_that_a_workflow_makes_by_the_api_is_no_job(harness: GitHubHarness) -> None:
    """It bears the name of the Actions app and stands in the suite of CI, and is newer than the job."""
    tip = harness.tip()
    run = run_of(harness, tip, CI)
    await harness.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    await harness.act(ActName.RERUN, run=run.id)
    await until(harness, lambda: run.latest.conclusion is not None)
    await harness.check(tip, "test", ACTIONS_APP, "success")
    forged = harness.repo.checks[-1]
    assert forged.suite_id == run.check_suite_id
    assert forged.id > max(job.id for job in run.latest.jobs)
    found = await told(harness, tip, "test")
    assert {source: check.state for source, check in found.items()} == {
        FROM_CI: RED,
        FromApp(ACTIONS_APP): GREEN,
    }


@pytest.mark.parametrize("rule", [CheckRule("scan", ACTIONS_APP), CheckRule("scan", ACTIONS_APP, "ci.yml")])
async def test_forged_ones_alone_open_nothing(harness: GitHubHarness, rule: CheckRule) -> None:
    tip = harness.tip()
    await harness.check(tip, "scan", ACTIONS_APP, "success")
    await harness.check(tip, "scan", "helpful-bot", "success")
    await harness.status(tip, "scan", "linus", "success")
    found = await told(harness, tip, "scan")
    assert len(found) == 3
    assert find(rule, tuple(found.values()), production=True).standing == "does not count"


async def test_a_workflow_that_left_the_default_branch_does_not_stand_there(harness: GitHubHarness) -> None:
    at = await pushed(harness, "main", **{EVIL: EVIL_FILE})
    run = run_of(harness, at, EVIL)
    await until(harness, lambda: run.latest.conclusion is not None)
    listed = FromApp(ACTIONS_APP, EVIL, on_default_branch=True, event="push")
    assert listed in await told(harness, at, "test")
    harness.point(HEADS + "main", Sha(harness.repo.git.commits[at].parents[0]))
    found = await told(harness, at, "test")
    assert listed not in found
    assert FromApp(ACTIONS_APP, EVIL, event="push") in found


async def test_a_run_for_a_pull_request_is_told_apart_from_the_one_for_the_push(
    harness: GitHubHarness,
) -> None:
    """Its head is this commit; its file came from a base where nothing is tested any more."""
    await harness.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    at = await pushed(harness, "main")
    await pushed(harness, "develop", **{CI: EVIL_FILE})
    await harness.act(
        ActName.START_RUN, repository="api", workflow="ci.yml", event="pull_request", base="develop"
    )
    runs = [run for run in harness.repo.runs.values() if run.head_sha == at and run.path == CI]
    assert [run.trigger.value for run in runs] == ["push", "pull_request"]
    await until(harness, lambda: all(run.latest.conclusion is not None for run in runs))
    found = await told(harness, at, "test")
    assert {source: check.state for source, check in found.items()} == {
        FROM_CI: RED,
        replace(FROM_CI, event="pull_request", on_this_commit=False): GREEN,
    }
    assert (
        find(CheckRule("test", ACTIONS_APP), tuple(found.values()), production=True).check == found[FROM_CI]
    )


async def smoke_runs(harness: GitHubHarness, count: int, workflow: str = "smoke.yml") -> None:
    """As a workflow leaves them behind that starts every few minutes, or each night."""
    world, repo = harness.stand_in.world, harness.repo
    trigger = {"event": "schedule"} if workflow == "ci.yml" else {}
    await harness.act(ActName.START_RUN, repository="api", workflow=workflow, **trigger)
    like = max(repo.runs.values(), key=lambda run: run.id)
    await until(harness, lambda: like.latest.conclusion is not None)
    for _ in range(count - 1):
        jobs = [replace(job, id=world.number("job")) for job in like.latest.jobs]
        attempts = [replace(like.latest, jobs=jobs)]
        id, suite = world.number("run"), world.number("suite")
        repo.runs[id] = replace(like, id=id, check_suite_id=suite, attempts=attempts)


def asked(harness: GitHubHarness) -> dict[str, int]:
    """How many requests of each kind came in since the last time."""
    journal = harness.stand_in.control.journal
    found = Counter(entry.where for entry in journal)
    journal.clear()
    return dict(found)


A_LOOK = {
    Where.CHECK_RUNS: 1,
    Where.CHECK_SUITES: 1,
    Where.STATUSES: 1,
    Where.RUNS_LIST: 1,
    Where.JOBS_LIST: 1,
    Where.CONTENTS: 1,
}


async def test_a_look_takes_few_requests(harness: GitHubHarness) -> None:
    """One for each name beside five, and one more for each workflow and event that has such a job."""
    tip = harness.tip()
    asked(harness)
    await told(harness, tip, "test")
    assert asked(harness) == A_LOOK
    await harness.code.checks(REPOSITORY, tip, ["test", "lint", "scan"])
    assert asked(harness) == A_LOOK | {Where.CHECK_RUNS: 3}
    await smoke_runs(harness, 30, "ci.yml")
    asked(harness)
    found = await told(harness, tip, "test")
    assert set(found) == {FROM_CI, replace(FROM_CI, event="schedule")}
    assert asked(harness) == A_LOOK | {Where.JOBS_LIST: 2}


async def test_a_workflow_of_every_few_minutes_pushes_no_check_out_of_sight(harness: GitHubHarness) -> None:
    """GitHub lists a thousand runs of a commit, and the check runs of a thousand suites: the newest."""
    tip = harness.tip()
    await smoke_runs(harness, 1_005)
    asked(harness)
    found = await told(harness, tip, "test")
    assert {source: check.state for source, check in found.items()} == {FROM_CI: GREEN}
    assert asked(harness) == A_LOOK | {Where.CHECK_RUNS: 2, Where.CHECK_SUITES: 2, Where.RUNS_LIST: 2}


async def test_a_check_that_is_found_a_thousand_times_is_closed_and_said(harness: GitHubHarness) -> None:
    tip = harness.tip()
    for _ in range(1_000):
        id, suite = harness.stand_in.world.number("check"), 77
        made = PlayCheck(id, "scan", tip, "scanner", Conclusion.SUCCESS, suite, harness.clock.now())
        harness.repo.checks.append(made)
    with pytest.raises(NeedsHuman, match="1,000 check runs called scan, or more"):
        await told(harness, tip, "scan")
    assert FROM_CI in await told(harness, tip, "test")
