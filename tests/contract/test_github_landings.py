"""What GitHub says has reached an environment: the truth behind a delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.core.errors import NeedsHuman
from bot.core.landing_ports import Landing
from bot.core.runs import RunRef
from bot.playground.github.names import ActName
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness
from tests.unit.github.wire import Say, Wire, wire

ONE = "/repos/acme/api/deployments/5"
SHA = "a" * 40


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


async def test_a_job_that_names_an_environment_is_found_with_its_run(harness: GitHubHarness) -> None:
    done = await harness.stand_in.acts.perform(
        ActName.START_RUN, repository="api", login="linus", inputs={"environment": "staging"}
    )
    ref = RunRef("github", REPOSITORY, str(done["run"]))
    run = await harness.settled(ref)
    (made,) = [each for each in harness.repo.deployments.values() if each.run_id == int(ref.external_id)]
    found = await harness.github.landings.read(REPOSITORY, str(made.id))
    assert found is not None
    assert (found.environment, found.sha, found.run) == ("staging", run.head_sha, ref)
    assert found.actor == "linus"
    assert await harness.github.landings.read(REPOSITORY, "4711") is None
    assert await harness.github.landings.read(REPOSITORY, "../5") is None


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        told = {"id": 5, "sha": SHA, "environment": "live", "creator": {"login": "argo", "id": 9}}
        made.say(f"GET {ONE}", Say(200, told))
        made.say("GET /repos/acme/api", Say(200, {"full_name": "acme/api"}))
        yield made


def status(state: str = "success", run: int | None = 7, at: str = "12:00:00") -> Mapping[str, Any]:
    url = f"https://github.com/acme/api/actions/runs/{run}/job/1" if run else ""
    return {"state": state, "log_url": url, "created_at": f"2026-03-01T{at}Z"}


async def read(github: Wire, *statuses: Mapping[str, Any]) -> Landing | None:
    github.say(f"GET {ONE}/statuses", Say(200, list(statuses)))
    return await github.github.landings.read("acme/api", "5")


async def test_it_arrived_with_its_first_success_and_stays_arrived(github: Wire) -> None:
    found = await read(
        github, status("inactive"), status(at="13:00:00"), status(), status("in_progress", at="11:00:00")
    )
    assert found is not None
    assert found.at.isoformat() == "2026-03-01T12:00:00+00:00"
    assert (found.run, found.actor, found.actor_id) == (RunRef("github", "acme/api", "7"), "argo", "9")
    assert await read(github, status("failure"), status("in_progress")) is None


async def test_of_several_runs_none_is_believed(github: Wire) -> None:
    for runs in ((7, 8), (None, None)):
        found = await read(github, *(status(run=each) for each in runs))
        assert found is not None
        assert found.run is None


async def test_nothing_hides_behind_many_statuses(github: Wire) -> None:
    with pytest.raises(NeedsHuman, match="too many statuses"):
        await read(github, *[status("in_progress")] * 100)
