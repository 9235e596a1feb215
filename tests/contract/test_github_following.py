"""Runs and their listing as GitHub tells them, through the real client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import NeedsHuman, Transient
from bot.core.following import RunReading
from bot.core.runs import RunRef, RunStatus
from bot.playground.control import FaultKind
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Conclusion, Status, Trigger, Where
from integrations.github.following import PAGES
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness
from tests.unit.github.wire import Say, Wire, wire

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


async def started(harness: GitHubHarness, **body: object) -> tuple[Run, RunRef]:
    told = await harness.stand_in.acts.perform(ActName.START_RUN, **{"repository": "api", **body})
    assert told["ok"], told
    return harness.stand_in.run(told["run"]), RunRef("github", REPOSITORY, str(told["run"]))


async def read(harness: GitHubHarness, ref: RunRef, *settled: int) -> tuple[RunReading, ...]:
    found = await harness.github.runs.read(ref, settled)
    assert found is not None
    return found


def calls(harness: GitHubHarness) -> int:
    return len(harness.stand_in.control.journal)


async def test_a_run_is_read_with_what_it_is_of_and_what_it_left(harness: GitHubHarness) -> None:
    run, ref = await started(harness, workflow="ci.yml", event=Trigger.PUSH, login="grace")
    await harness.settled(ref)
    (found,) = await read(harness, ref)
    about = found.about
    assert (about.workflow, about.path, about.number) == (run.workflow_name, run.path, run.number)
    assert (about.branch, about.event, about.actor) == ("main", "push", "grace")
    assert about.commit == harness.repo.git.commits[run.head_sha].message.partition("\n")[0]
    assert {each.name: each.size for each in about.artifacts or ()} == {
        each.name: len(each.content) for each in run.artifacts
    }
    assert about.artifacts
    assert about.actor_id == str(harness.stand_in.world.users["grace"].id)
    assert about.commit_url.endswith(f"/acme/api/commit/{run.head_sha}")
    assert not about.ours
    assert found.run.status is RunStatus.SUCCESS
    assert [each.name for each in found.run.stages] == [each.name for each in run.latest.listed]


async def test_what_is_on_record_to_its_end_costs_one_call(harness: GitHubHarness) -> None:
    _, ref = await started(harness)
    await harness.settled(ref)
    await read(harness, ref)  # who we are is asked once
    before = calls(harness)
    assert await read(harness, ref, 1) == ()
    assert calls(harness) - before == 1
    await read(harness, ref)
    assert calls(harness) - before == 1 + 3


async def test_one_under_way_has_no_artifacts_yet(harness: GitHubHarness) -> None:
    await harness.hold_next()
    _, ref = await started(harness)
    (found,) = await read(harness, ref)
    assert found.about.artifacts is None
    assert found.run.ended_at is None


async def test_every_attempt_is_read_once_and_each_as_it_ended(harness: GitHubHarness) -> None:
    await harness.fail_next()
    _, ref = await started(harness)
    await harness.settled(ref)
    await harness.act(ActName.RERUN, run=ref.external_id, login="ada")
    await harness.settled(ref)
    first, second = await read(harness, ref)
    assert (first.run.attempt, first.run.status) == (1, RunStatus.FAILURE)
    assert (second.run.attempt, second.run.status) == (2, RunStatus.SUCCESS)
    assert second.about.actor == "ada"
    (only,) = await read(harness, ref, 1)
    assert only == second


async def test_a_run_that_is_not_there_is_none_and_one_out_of_sight_is_an_error(
    harness: GitHubHarness,
) -> None:
    _, ref = await started(harness)
    assert await harness.github.runs.read(replace(ref, external_id="4711"), ()) is None
    assert await harness.github.runs.read(replace(ref, external_id="../7"), ()) is None
    with pytest.raises(NeedsHuman):
        await harness.github.runs.read(replace(ref, repository="acme/nowhere"), ())
    harness.fault(Where.RUN, FaultKind.ERROR_503, 9)
    with pytest.raises(Transient):
        await harness.github.runs.read(ref, ())


async def test_the_listing_shows_each_run_as_it_stands(harness: GitHubHarness) -> None:
    run, ref = await started(harness)
    await harness.settled(ref)
    listing = await harness.github.runs.newest(REPOSITORY, LONG_AGO, "")
    assert listing is not None
    assert listing.complete
    row = next(each for each in listing.rows if each.external_id == ref.external_id)
    (found,) = await read(harness, ref)
    assert (row.attempt, row.raw_status, row.over) == (1, found.run.raw_status, True)
    assert row.changed_at == found.changed_at
    assert {each.external_id for each in listing.rows} == {str(each) for each in harness.repo.runs}
    assert listing.rows[0].external_id == str(run.id), "the newest come first"


async def test_a_start_that_failed_is_in_the_listing_though_no_webhook_told_of_it(
    harness: GitHubHarness,
) -> None:
    run, ref = await started(harness)
    await harness.settled(ref)
    run.latest.conclusion, run.latest.status = Conclusion.STARTUP_FAILURE, Status.COMPLETED
    listing = await harness.github.runs.newest(REPOSITORY, LONG_AGO, "")
    assert listing is not None
    assert listing.rows[0].raw_status == "completed/startup_failure"
    (found,) = await read(harness, ref)
    assert found.run.status is RunStatus.FAILURE


async def test_a_listing_that_is_as_it_was_costs_nothing(harness: GitHubHarness) -> None:
    _, ref = await started(harness)
    await harness.settled(ref)
    listing = await harness.github.runs.newest(REPOSITORY, LONG_AGO, "")
    assert listing is not None
    left = harness.stand_in.site.limits.remaining
    assert await harness.github.runs.newest(REPOSITORY, LONG_AGO, listing.etag) is None
    assert harness.stand_in.site.limits.remaining == left
    await harness.rerun(ref)
    assert await harness.github.runs.newest(REPOSITORY, LONG_AGO, listing.etag) is not None


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


def page(at: str, rows: int = 100) -> Say:
    row = {"id": 7, "status": "completed", "conclusion": "action_required", "created_at": at}
    row |= {"updated_at": at, "run_attempt": 1}
    return Say(200, {"total_count": 5_000, "workflow_runs": [row] * rows}, {"ETag": '"e"'})


async def test_it_goes_back_as_far_as_asked_and_not_without_end(github: Wire) -> None:
    new, old = "2026-03-01T12:00:00Z", "2026-03-01T09:00:00Z"
    since = datetime(2026, 3, 1, 10, tzinfo=UTC)
    github.say("GET", page(new), page(new), page(old), page(new))
    listing = await github.github.runs.newest("acme/api", since, "")
    assert listing is not None
    assert (len(listing.rows), listing.etag, listing.complete) == (300, '"e"', True)
    assert not listing.rows[0].over, "it goes on when a person has agreed"
    github.say("GET", page(new))
    listing = await github.github.runs.newest("acme/api", since - timedelta(days=1), "")
    assert listing is not None
    assert (len(listing.rows), listing.complete) == (100 * PAGES, False)
    github.say("GET", page(new, rows=3))
    listing = await github.github.runs.newest("acme/api", since, "")
    assert listing is not None
    assert len(listing.rows) == 3


def told_run(event: str, head: dict[str, object] | None) -> Say:
    mine = {"id": 1, "full_name": "acme/api", "owner": {"login": "acme", "id": 1}}
    user = {"login": "mallory", "id": 66}
    row = {
        "id": 7,
        "name": "CI",
        "path": ".github/workflows/ci.yml",
        "head_branch": "main",
        "head_sha": "a" * 40,
    }
    row |= {"event": event, "status": "in_progress", "conclusion": None, "run_attempt": 1, "run_number": 3}
    row |= {"url": "/repos/acme/api/actions/runs/7", "html_url": "https://code/acme/api/actions/runs/7"}
    row |= {"actor": user, "triggering_actor": user, "repository": mine, "head_repository": head}
    return Say(200, row | {"run_started_at": "2026-03-01T12:00:00Z", "updated_at": "2026-03-01T12:00:00Z"})


@pytest.mark.parametrize(
    ("event", "head", "branch"),
    [
        ("schedule", {"id": 1, "owner": {"login": "acme"}}, "main"),
        ("pull_request", {"id": 1, "owner": {"login": "acme"}}, "main"),
        ("pull_request", {"id": 2, "owner": {"login": "mallory"}}, "mallory:main"),
        ("pull_request_target", None, "unknown:main"),
        ("schedule", None, "main"),
    ],
)
async def test_the_main_of_a_fork_is_not_main(
    github: Wire, event: str, head: dict[str, object] | None, branch: str
) -> None:
    github.say("GET", Say(200, {"jobs": [], "total_count": 0}))
    github.say("GET /repos/acme/api/actions/runs/7", told_run(event, head))
    found = await github.github.runs.read(RunRef("github", "acme/api", "7"), ())
    assert found is not None
    assert [each.about.branch for each in found] == [branch]
    assert len(github.seen) == 2, "that takes no call more"
