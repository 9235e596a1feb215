"""What a failed run of the stand-in wrote, read as from GitHub, and as people get to see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import Transient
from bot.core.redaction import Redactor
from bot.core.runs import Run, RunRef
from bot.core.tails import tail_of
from bot.playground.control import FaultKind
from bot.playground.github.names import ActName, Where
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness(timeout=2) as made:
        yield made


async def failed(harness: GitHubHarness, job: str = "deploy") -> Run:
    await harness.act(ActName.FAIL_NEXT, job=job)
    done = await harness.stand_in.acts.perform(
        ActName.START_RUN, repository="api", login="linus", inputs={"environment": "staging"}
    )
    return await harness.settled(RunRef("github", REPOSITORY, str(done["run"])))


async def test_the_end_of_its_log_and_its_tests(harness: GitHubHarness) -> None:
    run = await failed(harness)
    logs = harness.github.logs
    job = await logs.failed_job(run.ref, run.attempt)
    tail = tail_of(job, await logs.results(run.ref, run.started_at), Redactor())
    assert tail is not None
    assert (tail.job, tail.step) == ("deploy", "Roll out")
    assert tail.lines[-1] == "Error: Process completed with exit code 1."
    assert "Roll out: GET /health answered 503, wanted 200" in tail.lines
    assert len(tail.lines) == 20
    shown = "\n".join(tail.lines)
    assert "\x1b" not in shown
    assert "Keep results" not in shown
    assert "[redacted]" in shown
    assert "ghs_" not in shown
    assert tail.tests is not None
    assert (tail.tests.total, tail.tests.failed) == (26, 1)
    assert tail.tests.failures[0].said == "503 != 200"


async def test_one_that_went_well_has_no_failed_job(harness: GitHubHarness) -> None:
    run = await failed(harness, "nothing of that name")
    assert await harness.github.logs.failed_job(run.ref, run.attempt) is None


@pytest.mark.parametrize("where", [Where.JOBS_LIST, Where.JOB_LOGS, Where.ARTIFACT_STORE])
@pytest.mark.parametrize("kind", [FaultKind.ERROR_503, FaultKind.RATE_LIMIT, FaultKind.DROP])
async def test_what_breaks_off_is_tried_again(harness: GitHubHarness, where: Where, kind: FaultKind) -> None:
    run = await failed(harness)
    harness.fault(where, kind, 10)
    with pytest.raises(Transient):
        await harness.github.logs.failed_job(run.ref, run.attempt)


async def test_what_is_slow_is_not_waited_for(
    harness: GitHubHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await failed(harness)
    monkeypatch.setattr("integrations.github.storage.PATIENCE", 0.2)
    harness.fault(Where.JOB_LOGS, FaultKind.HOLD_BEFORE, 1)
    with pytest.raises(Transient, match="within"):
        await harness.github.logs.failed_job(run.ref, run.attempt)


async def test_results_that_break_off_are_tried_again(harness: GitHubHarness) -> None:
    run = await failed(harness)
    harness.fault(Where.ARTIFACT_ZIP, FaultKind.ERROR_503, 10)
    with pytest.raises(Transient):
        await harness.github.logs.results(run.ref, run.started_at)
