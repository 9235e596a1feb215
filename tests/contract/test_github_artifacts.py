"""What a run of the stand-in left, read as from GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.errors import Transient, UserError
from bot.core.run_reports import read_report
from bot.core.runs import RunRef
from bot.playground.control import FaultKind
from bot.playground.github.names import ActName, Where
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


async def ran(harness: GitHubHarness) -> RunRef:
    done = await harness.stand_in.acts.perform(
        ActName.START_RUN, repository="api", login="linus", inputs={"environment": "staging"}
    )
    ref = RunRef("github", REPOSITORY, str(done["run"]))
    await harness.settled(ref)
    return ref


async def test_a_run_says_what_it_did(harness: GitHubHarness) -> None:
    ref = await ran(harness)
    content = await harness.github.artifacts.slipway_json(ref)
    assert content is not None
    report = read_report(content)
    assert report.images
    assert report.url is not None
    assert await harness.github.artifacts.slipway_json(RunRef("github", REPOSITORY, "4711")) is None


async def test_one_that_has_expired_is_of_no_use(harness: GitHubHarness) -> None:
    ref = await ran(harness)
    run = harness.repo.runs[int(ref.external_id)]
    for each in run.artifacts:
        each.expired = True
    with pytest.raises(UserError, match="expired"):
        await harness.github.artifacts.slipway_json(ref)


@pytest.mark.parametrize("where", [Where.ARTIFACTS_LIST, Where.ARTIFACT_ZIP, Where.ARTIFACT_STORE])
async def test_what_breaks_off_is_tried_again(harness: GitHubHarness, where: Where) -> None:
    ref = await ran(harness)
    harness.fault(where, FaultKind.ERROR_503, 10)
    with pytest.raises(Transient):
        await harness.github.artifacts.slipway_json(ref)
