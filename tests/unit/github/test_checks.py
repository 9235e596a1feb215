"""Answers about checks that no stand-in gives: a page that is lost, nulls, new words, odd paths."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.checks import ACTIONS_APP, Check, CheckState, FromAccount, FromApp
from bot.core.errors import NeedsHuman, Transient
from bot.core.values import sha
from tests.unit.github.wire import Say, Wire, wire

REPO = "/repos/acme/api"
HEAD = sha("a" * 40)
RUNS, STATUSES = f"GET {REPO}/commits/{HEAD}/check-runs", f"GET {REPO}/commits/{HEAD}/statuses"
SUITES = f"GET {REPO}/commits/{HEAD}/check-suites"
WORKFLOW_RUNS, JOBS = f"GET {REPO}/actions/runs", f"GET {REPO}/actions/runs/5/jobs"
FOLDER = f"GET {REPO}/contents/.github/workflows"
CI = ".github/workflows/ci.yml"
Json = dict[str, Any]


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    """A commit that nobody has looked at."""
    async with wire() as made:
        made.say("GET", Say(404, {"message": "Not Found"}))
        made.say(RUNS, Say(200, {"total_count": 0, "check_runs": []}))
        made.say(STATUSES, Say(200, []))
        made.say(SUITES, Say(200, {"total_count": 3, "check_suites": []}))
        made.say(WORKFLOW_RUNS, Say(200, {"total_count": 0, "workflow_runs": []}))
        yield made


def run(id: int = 7, app: str | None = ACTIONS_APP, **more: Any) -> Json:
    told: Json = {
        "id": id,
        "name": "lint",
        "status": "completed",
        "conclusion": "success",
        "html_url": f"https://github.test/{id}",
        "details_url": None,
        "check_suite": {"id": 3},
        "app": {"slug": app} if app is not None else None,
    }
    return told | more


def status(id: int = 7, creator: str | None = "jenkins", state: str = "success") -> Json:
    who = {"login": creator} if creator else None
    return {"id": id, "context": "lint", "state": state, "target_url": None, "creator": who}


def says(github: Wire, *runs: Json, more: str = "") -> None:
    headers = {"Link": f'<{more}>; rel="next"'} if more else {}
    github.say(RUNS, Say(200, {"total_count": len(runs), "check_runs": list(runs)}, headers))


def a_workflow(github: Wire, path: str, jobs: tuple[int, ...] = (7,), **more: Any) -> None:
    """A run of suite 3 with these jobs."""
    api = address(github)
    told = {"id": 5, "check_suite_id": 3, "path": path, "workflow_id": 2, "status": "completed"}
    told["event"] = "push"
    told["jobs_url"] = f"{api}/actions/runs/5/jobs"
    github.say(WORKFLOW_RUNS, Say(200, {"workflow_runs": [told | {"run_attempt": 1} | more]}))
    listed = [{"id": id, "run_attempt": 1, "check_run_url": f"{api}/check-runs/{id}"} for id in jobs]
    github.say(JOBS, Say(200, {"total_count": len(listed), "jobs": listed}))
    github.say(FOLDER, Say(200, [{"path": path, "name": "x", "type": "file"}]))


async def read(github: Wire) -> list[Check]:
    told = await github.github.code.checks("acme/api", HEAD, ["lint"])
    return list(told.each)


def address(github: Wire) -> str:
    """Of the repository; PyGithub follows no link to another host."""
    return github.github.code._clients._options.base_url + REPO


def jobs_url_of(github: Wire) -> str:
    return next(path for _, path, _, _ in github.seen if "/jobs" in path)


async def test_a_page_that_is_lost_makes_it_all_unreadable(github: Wire) -> None:
    """What stands on it may be the failure."""
    says(github, run(app="scanner"), more=f"{address(github)}/commits/{HEAD}/more")
    github.say(f"GET {REPO}/commits/{HEAD}/more", Say(502, "<html>"))
    with pytest.raises(Transient, match="502"):
        await read(github)
    assert any("/more" in path for _, path, _, _ in github.seen)


@pytest.mark.parametrize("route", [RUNS, SUITES, STATUSES, WORKFLOW_RUNS, JOBS])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Say(403, {"message": "Resource not accessible by personal access token"}), NeedsHuman),
        (Say(404, {"message": "Not Found"}), NeedsHuman),
        (Say(503, "busy"), Transient),
        (Say(200, "<html>a proxy's page"), Transient),
    ],
)
async def test_what_cannot_be_read_is_never_empty(
    github: Wire, route: str, answer: Say, error: type[Exception]
) -> None:
    says(github, run())
    a_workflow(github, CI)
    github.say(route, answer)
    with pytest.raises(error):
        await read(github)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"conclusion": "success"}, CheckState.GREEN),
        ({"conclusion": "skipped"}, CheckState.NOT_GREEN),
        ({"conclusion": "neutral"}, CheckState.NOT_GREEN),
        ({"conclusion": None}, CheckState.NOT_GREEN),
        ({"conclusion": "a word of 2031"}, CheckState.NOT_GREEN),
        ({"status": "in_progress", "conclusion": None}, CheckState.PENDING),
        ({"status": "queued", "conclusion": "success"}, CheckState.PENDING),  # of the run before
        ({"status": "a word of 2031", "conclusion": "success"}, CheckState.PENDING),
    ],
)
async def test_green_is_one_word_of_what_has_ended(github: Wire, said: Json, state: CheckState) -> None:
    says(github, run(app="scanner", **said))
    (found,) = await read(github)
    assert found.state is state
    assert found.said


async def test_words_of_a_status(github: Wire) -> None:
    expected = {
        "success": CheckState.GREEN,
        "pending": CheckState.PENDING,
        "failure": CheckState.NOT_GREEN,
        "error": CheckState.NOT_GREEN,
        "expected": CheckState.NOT_GREEN,
    }
    for word, state in expected.items():
        github.say(STATUSES, Say(200, [status(state=word)]))
        assert [each.state for each in await read(github)] == [state]


async def test_whoever_is_gone_is_nobody(github: Wire) -> None:
    says(github, run(app=None))
    github.say(STATUSES, Say(200, [status(creator=None)]))
    assert {each.source for each in await read(github)} == {FromApp(""), FromAccount("")}


async def test_a_job_is_known_by_the_list_of_jobs(github: Wire) -> None:
    says(github, run(7), run(8))
    a_workflow(github, CI, jobs=(7,))
    found = {each.id: each.source for each in await read(github)}
    assert found == {
        7: FromApp(ACTIONS_APP, CI, on_default_branch=True, event="push"),
        8: FromApp(ACTIONS_APP),
    }
    assert "filter=all" in jobs_url_of(github)
    assert any("filter=all" in path for _, path, _, _ in github.seen if "check-runs" in path)


@pytest.mark.parametrize(
    ("event", "own"),
    [
        *((word, True) for word in ("push", "create", "release", "merge_group", "schedule")),
        ("workflow_dispatch", True),
        *((word, False) for word in ("pull_request", "pull_request_target", "pull_request_review")),
        *((word, False) for word in ("issue_comment", "workflow_run", "repository_dispatch", "dynamic")),
        ("a word of 2031", False),
    ],
)
async def test_which_events_run_the_commit_itself(github: Wire, event: str, own: bool) -> None:
    says(github, run())
    a_workflow(github, CI, event=event)
    (found,) = await read(github)
    assert found.source == FromApp(ACTIONS_APP, CI, on_default_branch=True, event=event, on_this_commit=own)


async def test_a_path_with_its_reference_is_asked_for_anew(github: Wire) -> None:
    """`ci.yml@main` may also be the name of a file, so nothing is cut off."""
    says(github, run())
    a_workflow(github, f"{CI}@main")
    workflow = {"id": 2, "path": CI, "name": "CI", "url": f"{address(github)}/actions/workflows/2"}
    github.say(f"GET {REPO}/actions/workflows/2", Say(200, workflow))
    (found,) = await read(github)
    assert found.source == FromApp(ACTIONS_APP, CI, event="push")


async def test_a_repository_without_workflows_has_none_on_its_default_branch(github: Wire) -> None:
    says(github, run())
    a_workflow(github, "dynamic/scanning/codeql")
    github.say(FOLDER, Say(404, {"message": "Not Found"}))
    (found,) = await read(github)
    assert found.source == FromApp(ACTIONS_APP, "dynamic/scanning/codeql", event="push")


async def test_without_a_check_of_actions_nothing_more_is_read(github: Wire) -> None:
    says(github, run(app="scanner"), run(8, name="test"))
    await read(github)
    assert not any("/actions/" in path or "/contents" in path for _, path, _, _ in github.seen)


async def test_each_check_is_asked_for_by_its_name_and_names_know_capitals(github: Wire) -> None:
    says(github, run(app="scanner"), run(8, "scanner", name="Lint"))
    (found,) = await read(github)
    assert found.id == 7
    assert [path for _, path, _, _ in github.seen if "check_name=lint" in path and "filter=all" in path]


async def test_a_run_that_is_not_among_the_newest_is_asked_for_by_its_suite(github: Wire) -> None:
    says(github, run())
    a_workflow(github, CI)
    (there,) = github.answers[WORKFLOW_RUNS]
    github.say(WORKFLOW_RUNS, Say(200, {"total_count": 1_000, "workflow_runs": []}), there)
    (found,) = await read(github)
    assert found.source == FromApp(ACTIONS_APP, CI, on_default_branch=True, event="push")
    asked = [path for _, path, _, _ in github.seen if path.startswith(f"{REPO}/actions/runs?")]
    assert [("head_sha=" in path, "check_suite_id=3" in path) for path in asked] == [
        (True, False),
        (False, True),
    ]


async def test_a_green_job_that_was_overtaken_costs_no_request(github: Wire) -> None:
    """By a job of the same workflow and event. A red one may be no job at all, hence it is looked into."""
    red = run(6, check_suite={"id": 6}, conclusion="failure")
    says(github, red, *(run(id, check_suite={"id": id}) for id in (7, 8, 9)))
    a_workflow(github, CI)
    (listed,) = github.answers[WORKFLOW_RUNS]
    assert isinstance(listed.body, dict)
    (like,) = listed.body["workflow_runs"]
    api = address(github)
    runs = [
        like | {"id": id, "check_suite_id": id, "event": event, "jobs_url": f"{api}/actions/runs/{id}/jobs"}
        for id, event in ((6, "schedule"), (7, "schedule"), (8, "push"), (9, "schedule"))
    ]
    github.say(WORKFLOW_RUNS, Say(200, {"total_count": 4, "workflow_runs": runs}))
    for id in (6, 7, 8, 9):
        jobs = [{"id": id, "run_attempt": 1, "check_run_url": f"{api}/check-runs/{id}"}]
        github.say(f"GET {REPO}/actions/runs/{id}/jobs", Say(200, {"total_count": 1, "jobs": jobs}))
    assert {each.id for each in await read(github)} == {8, 9}
    looked = {id for id in (6, 7, 8, 9) if any(f"/runs/{id}/jobs" in path for _, path, _, _ in github.seen)}
    assert looked == {6, 8, 9}


@pytest.mark.parametrize("route", [RUNS, STATUSES, JOBS])
async def test_what_has_no_end_is_an_error_and_never_cut_short(github: Wire, route: str) -> None:
    says(github, run())
    a_workflow(github, CI, jobs=(8,))
    job = {"id": 8, "run_attempt": 1, "check_run_url": f"{address(github)}/check-runs/8"}
    rows: dict[str, Json | list[Json]] = {
        RUNS: {"total_count": 9_999, "check_runs": [run(id) for id in range(100)]},
        STATUSES: [status(id) for id in range(100)],
        JOBS: {"total_count": 9_999, "jobs": [job] * 100},
    }
    more = f"{address(github)}{route.removeprefix(f'GET {REPO}')}?page=2"
    github.say(route, Say(200, rows[route], {"Link": f'<{more}>; rel="next"'}))
    with pytest.raises(NeedsHuman, match="or more; so many are not read"):
        await read(github)
    assert len(github.seen) < 70
