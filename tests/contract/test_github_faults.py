"""What the GitHub adapter makes of broken calls; the stand-in's journal is the judge of what happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.core.errors import Ambiguous, NeedsHuman, Transient
from bot.playground.clock import WallClock
from bot.playground.control import FaultKind
from bot.playground.github.names import ActName, Conclusion, Where
from integrations.github.errors import RateLimited
from integrations.github.factory import Token, build
from tests.contract.ci_suite import HEADS, KEY, OTHER_KEY, pinned, spec_of
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness

SOON = 5.0


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    """An adapter that loses patience after a second."""
    async with github_harness(timeout=1) as made:
        yield made


def received(harness: GitHubHarness, where: Where) -> int:
    return len(harness.stand_in.control.calls(where))


async def holding(harness: GitHubHarness, count: int = 1) -> None:
    """Until the stand-in holds so many calls open."""
    async with asyncio.timeout(SOON):
        while harness.stand_in.control.holding < count:
            await harness.stand_in.changed(0.01)


async def release(harness: GitHubHarness) -> None:
    await harness.stand_in.control.acts["release"]({})


async def test_a_dispatch_is_sent_once_whatever_comes_back(harness: GitHubHarness) -> None:
    harness.fault(Where.DISPATCH, FaultKind.ERROR_502, 2)
    with pytest.raises(Ambiguous):
        await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
    assert received(harness, Where.DISPATCH) == 1
    assert harness.dispatches == 0


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR_500, FaultKind.ERROR_503, FaultKind.DROP, FaultKind.LOSE_ANSWER]
)
async def test_a_write_without_an_answer_is_ambiguous(harness: GitHubHarness, kind: FaultKind) -> None:
    harness.fault(Where.REF_CREATE, kind)
    with pytest.raises(Ambiguous):
        await harness.pins.create(REPOSITORY, KEY, harness.tip())
    assert received(harness, Where.REF_CREATE) == 1
    await harness.pins.create(REPOSITORY, KEY, harness.tip())
    assert await harness.pins.read(REPOSITORY, KEY) == harness.tip()


async def test_a_dispatch_that_is_not_answered_in_time_is_ambiguous(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), await pinned(harness)
    harness.fault(Where.DISPATCH, FaultKind.HOLD_AFTER)
    with pytest.raises(Ambiguous, match="in time"):
        await harness.ci.trigger(spec)
    await release(harness)
    assert received(harness, Where.DISPATCH) == 1
    assert await harness.ci.find(spec, since) is not None


async def test_a_read_is_tried_again(harness: GitHubHarness) -> None:
    harness.fault(Where.REF, FaultKind.ERROR_502, 1)
    harness.fault(Where.REF, FaultKind.DROP, 1)
    assert (await harness.code.resolve(REPOSITORY, "main")).sha == harness.tip()


async def test_a_read_that_keeps_failing_is_transient(harness: GitHubHarness) -> None:
    harness.fault(Where.REPOSITORY, FaultKind.ERROR_503, 10)
    with pytest.raises(Transient) as failed:
        await harness.code.repository(REPOSITORY)
    assert not isinstance(failed.value, Ambiguous)
    assert received(harness, Where.REPOSITORY) == 3


async def test_a_rate_limit_did_nothing_and_keeps_us_quiet(harness: GitHubHarness) -> None:
    harness.fault(Where.DISPATCH, FaultKind.RATE_LIMIT)
    spec = spec_of(harness, f"{HEADS}main")
    with pytest.raises(RateLimited) as limited:
        await harness.ci.trigger(spec)
    assert limited.value.retry_after == 1.0
    before = len(harness.stand_in.control.journal)
    with pytest.raises(RateLimited) as still:
        await harness.ci.trigger(spec)
    assert still.value.retry_after is not None
    assert 0 < still.value.retry_after <= 1.0
    assert len(harness.stand_in.control.journal) == before
    assert harness.dispatches == 0


async def test_a_limit_for_the_hour_says_when_it_ends(harness: GitHubHarness) -> None:
    await harness.act(ActName.EXHAUST_RATE_LIMIT, seconds=90)
    with pytest.raises(RateLimited) as limited:
        await harness.code.repository(REPOSITORY)
    assert limited.value.retry_after is not None
    assert 60 < limited.value.retry_after < 95


async def test_a_renamed_repository_starts_nothing_and_is_named(harness: GitHubHarness) -> None:
    spec = spec_of(harness, f"{HEADS}main")
    before = len(harness.repo.runs)
    await harness.stand_in.acts.rename_repository({"repository": "api", "name": "api-two"})
    with pytest.raises(NeedsHuman, match="renamed") as refused:
        await harness.ci.trigger(spec)
    assert "acme/api" in refused.value.why
    assert [entry.status for entry in harness.stand_in.control.calls(Where.DISPATCH)] == [307]
    assert len(harness.stand_in.runs("acme/api-two")) == before
    assert (await harness.code.repository(REPOSITORY)).full_name == "acme/api-two"


async def test_wrong_credentials_name_the_setting(harness: GitHubHarness) -> None:
    wrong = build(Token("ghp_wrong"), WallClock(), api_url=harness.stand_in.url, pause_between_writes=None)
    try:
        with pytest.raises(NeedsHuman, match="GITHUB_TOKEN"):
            await wrong.code.resolve(REPOSITORY, "main")
        with pytest.raises(NeedsHuman, match="GITHUB_TOKEN"):
            await wrong.pins.create(REPOSITORY, KEY, harness.tip())
    finally:
        await wrong.close()


async def test_a_missing_permission_is_named(harness: GitHubHarness) -> None:
    harness.repo.roles["acme-deployer"] = "read"
    harness.stand_in.site.access.scopes = None
    with pytest.raises(NeedsHuman, match="actions: write"):
        await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
    harness.stand_in.site.access.scopes = "read:org"
    with pytest.raises(NeedsHuman, match="scope repo"):
        await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))


async def test_writes_go_one_after_another(harness: GitHubHarness) -> None:
    harness.fault(Where.REF_CREATE, FaultKind.HOLD_AFTER)
    first = asyncio.create_task(harness.pins.create(REPOSITORY, KEY, harness.tip()))
    await holding(harness)
    second = asyncio.create_task(harness.pins.create(REPOSITORY, OTHER_KEY, harness.tip()))
    await harness.code.resolve(REPOSITORY, "main")  # reads pass by meanwhile
    assert received(harness, Where.REF_CREATE) == 1
    await release(harness)
    await asyncio.gather(first, second)
    assert received(harness, Where.REF_CREATE) == 2


async def test_a_slow_github_does_not_stop_the_loop(harness: GitHubHarness) -> None:
    harness.fault(Where.REPOSITORY, FaultKind.HOLD_AFTER)
    slow = asyncio.create_task(harness.code.repository(REPOSITORY))
    await holding(harness)
    assert (await harness.code.resolve(REPOSITORY, "main")).sha == harness.tip()
    assert not slow.done()
    await release(harness)
    assert (await slow).full_name == REPOSITORY


async def test_a_caller_that_gives_up_does_not_free_the_queue(harness: GitHubHarness) -> None:
    harness.fault(Where.REF_CREATE, FaultKind.HOLD_AFTER)
    given_up = asyncio.create_task(harness.pins.create(REPOSITORY, KEY, harness.tip()))
    await holding(harness)
    given_up.cancel()
    with suppress(asyncio.CancelledError):
        await given_up
    second = asyncio.create_task(harness.pins.create(REPOSITORY, OTHER_KEY, harness.tip()))
    await harness.code.resolve(REPOSITORY, "main")
    assert received(harness, Where.REF_CREATE) == 1
    await release(harness)
    await second


async def test_a_run_whose_jobs_were_all_skipped_deployed_nothing(harness: GitHubHarness) -> None:
    receipt = await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
    assert receipt.run is not None
    await harness.settled(receipt.run)
    for job in harness.stand_in.run(int(receipt.run.external_id)).latest.jobs:
        job.conclusion = Conclusion.SKIPPED
    run = await harness.ci.observe(receipt.run)
    assert run is not None
    assert (run.status, run.raw_status) == ("skipped", "completed/success")
