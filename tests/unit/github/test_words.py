"""GitHub's words in ours: statuses, co-authors, pull requests, the patterns of workflow files."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.commit_words import reverts_of
from bot.core.gate_runs import Starts
from bot.core.pipelines import AcceptedInput, InputType
from bot.core.runs import RunStatus
from integrations.github import statuses, workflow_files
from integrations.github.commits import co_authors_of, login_of, pull_request_of, title_of

OURS = "slipway/slw-1-aaaaaaaaaa"


@pytest.mark.parametrize(
    ("status", "conclusion", "expected"),
    [
        ("requested", None, RunStatus.QUEUED),
        ("queued", None, RunStatus.QUEUED),
        ("pending", None, RunStatus.QUEUED),
        ("in_progress", None, RunStatus.RUNNING),
        ("in_progress", "success", RunStatus.RUNNING),
        ("waiting", None, RunStatus.WAITING),
        ("completed", "success", RunStatus.SUCCESS),
        ("completed", "failure", RunStatus.FAILURE),
        ("completed", "timed_out", RunStatus.FAILURE),
        ("completed", "startup_failure", RunStatus.FAILURE),
        ("completed", "cancelled", RunStatus.CANCELLED),
        ("completed", "skipped", RunStatus.SKIPPED),
        ("completed", "neutral", RunStatus.SKIPPED),
        ("completed", "stale", RunStatus.SKIPPED),
        ("completed", "action_required", RunStatus.NEEDS_PERSON),
        ("completed", None, RunStatus.UNKNOWN),
        ("completed", "splendid", RunStatus.UNKNOWN),
        ("success", None, RunStatus.UNKNOWN),
        ("on_holiday", None, RunStatus.UNKNOWN),
        (None, None, RunStatus.UNKNOWN),
        (None, "success", RunStatus.UNKNOWN),
    ],
)
def test_each_state_has_its_word(status: str | None, conclusion: str | None, expected: RunStatus) -> None:
    assert statuses.status_of(status, conclusion) is expected


@given(st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_success_is_said_by_github_alone(status: str | None, conclusion: str | None) -> None:
    succeeded = statuses.status_of(status, conclusion) is RunStatus.SUCCESS
    assert succeeded is ((status, conclusion) == ("completed", "success"))
    assert statuses.raw(status, conclusion)


@pytest.mark.parametrize(
    ("status", "jobs", "expected"),
    [
        (RunStatus.SUCCESS, [RunStatus.SKIPPED, RunStatus.SKIPPED], RunStatus.SKIPPED),
        (RunStatus.SUCCESS, [RunStatus.SKIPPED, RunStatus.SUCCESS], RunStatus.SUCCESS),
        (RunStatus.SUCCESS, [], RunStatus.SUCCESS),
        (RunStatus.FAILURE, [RunStatus.SKIPPED], RunStatus.FAILURE),
    ],
)
def test_a_success_that_ran_nothing_is_skipped(
    status: RunStatus, jobs: list[RunStatus], expected: RunStatus
) -> None:
    assert statuses.of_run(status, jobs) is expected


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Store refunds (#12)", 12),
        ("Merge pull request #7 from acme/topic", 7),
        ("Revert (#3) for now", None),
        ("Fixes #9", None),
        ("(#٣)", None),
        ("", None),
    ],
)
def test_a_title_may_name_its_pull_request(title: str, number: int | None) -> None:
    assert pull_request_of(title) == number


def test_co_authors_are_named_once_and_only_below_the_title() -> None:
    message = (
        "Co-authored-by: Title <title@acme.example>\n\n"
        "Co-Authored-By:  Ada <ada@acme.example> \n"
        "co-authored-by: Ada <ada@home.example>\n"
        "Co-authored-by: 1+octo-cat <1+octo-cat@users.noreply.github.com>\n"
        "Co-authored-by: <bare@acme.example>\n"
        "Co-authored-by: broken\n"
        "Signed-off-by: Eve <eve@acme.example>\r\n"
    )
    assert co_authors_of(message) == ("Ada", "octo-cat", "bare@acme.example")
    assert co_authors_of(None) == ()


def test_only_githubs_own_addresses_tell_a_login() -> None:
    assert login_of("octocat@users.noreply.github.com") == "octocat"
    assert login_of("12+dependabot[bot]@users.noreply.github.com") == "dependabot[bot]"
    assert login_of("octocat@users.noreply.github.com.evil.example") == ""
    assert login_of("ada@acme.example") == ""


@given(st.none() | st.text())
def test_no_message_is_an_error(message: str | None) -> None:
    assert "\n" not in title_of(message)
    assert len(title_of(message)) <= 200
    assert all(co_authors_of(message))


@pytest.mark.parametrize(
    ("on", "hit"),
    [
        ("push", True),
        ("[push, pull_request]", True),
        ("{push: }", True),
        ("{push: {branches: [main]}}", False),
        ("{push: {branches-ignore: [x]}}", False),
        ("{push: {tags: ['v*']}}", False),
        ("{push: {tags: ['*']}}", False),
        ("{push: {tags: ['**']}}", True),
        ("{push: {tags: ['slipway/*']}}", True),
        ("{push: {tags: ['**', '!slipway/**']}}", False),
        ("{push: {tags-ignore: ['slipway/**']}}", False),
        ("{push: {tags-ignore: ['v*']}}", True),
        ("{push: {branches: [main], tags: '**'}}", True),
        ("{create: }", True),
        ("workflow_dispatch", False),
        ("{workflow_dispatch: {inputs: {}}, pull_request: {}}", False),
    ],
)
def test_which_workflows_our_tags_start(on: str, hit: bool) -> None:
    file = workflow_files.parse(f"on: {on}\njobs: {{}}\n")
    assert file is not None
    assert file.runs_for_tag(OURS) is hit


def test_the_inputs_of_a_dispatch() -> None:
    file = workflow_files.parse(
        "on:\n  workflow_dispatch:\n    inputs:\n"
        "      a: {required: true}\n      b: {required: true, default: x}\n      c:\n"
    )
    assert file is not None
    assert file.dispatchable
    assert file.inputs == frozenset({"a", "b", "c"})
    assert file.required == frozenset({"a"})


def test_what_a_person_may_type_has_the_types_of_the_file() -> None:
    file = workflow_files.parse(
        "on:\n  workflow_dispatch:\n    inputs:\n"
        "      bump: {type: choice, options: [major, minor], default: minor}\n"
        "      draft: {type: boolean, required: true, default: true}\n"
        "      share: {type: number, required: true}\n"
        "      where: {type: environment}\n      note:\n"
    )
    assert file is not None
    assert file.accepts == (
        AcceptedInput("bump", InputType.CHOICE, ("major", "minor"), "minor", max_length=1000),
        AcceptedInput("draft", InputType.BOOLEAN, default=True, max_length=1000),
        AcceptedInput("share", InputType.NUMBER, required=True, max_length=1000),
        AcceptedInput("where", InputType.STRING, max_length=1000),
        AcceptedInput("note", InputType.STRING, max_length=1000),
    )


@pytest.mark.parametrize("text", ["", "- a", "on: 3", "jobs: {}", "{", "a: b: c", "\x00"])
def test_what_is_no_workflow_is_none(text: str) -> None:
    assert workflow_files.parse(text) is None


@pytest.mark.parametrize(
    ("on", "starts"),
    [
        ("{push: {branches: [main, 'release/*']}}", Starts(branches=("main", "release/*"))),
        ("{push: {tags: 'v*'}, workflow_dispatch: }", Starts(tags=("v*",), by_hand=True)),
        ("push", Starts(branches=("**",), tags=("**",))),
        ("{push: {branches-ignore: [wip]}}", Starts(branches=("**", "!wip"))),
        ("[workflow_run, pull_request, workflow_call]", Starts(others=("workflow_run",))),
    ],
)
def test_what_starts_a_workflow_is_told_for_people(on: str, starts: Starts) -> None:
    file = workflow_files.parse(f"on: {on}\njobs: {{}}\n")
    assert file is not None
    assert file.starts == starts


ALIASES = "".join(f"b{at}: &b{at} [{', '.join([f'*b{at - 1}'] * 9)}]\n" for at in range(1, 12))
INPUT = "on: {workflow_dispatch: {inputs: {x: {type: choice, options: %s}}}}\n"
HARMFUL = (
    "b0: &b0 [x, x, x]\n" + ALIASES + INPUT % "*b11",
    f"b0: &b0 {'x' * 9_000}\n" + ALIASES + INPUT % "*b4",
    "b0: &b0 {a: 1}\n" + ALIASES.replace("[", "{<<: [").replace("]", "]}") + "on: push\n",
    "on: &own [*own]\n",
    "on: " + "[" * 5_000,
    "on: " + "[" * 100,
)


@pytest.mark.parametrize("text", HARMFUL)
def test_a_file_that_stands_for_more_than_it_says_is_none(text: str) -> None:
    assert workflow_files.parse(text) is None


def test_aliases_of_a_few_lines_are_read() -> None:
    inputs = "{a: &how {type: choice, options: [x, y]}, b: *how}"
    found = workflow_files.parse(f"on:\n  workflow_dispatch:\n    inputs: {inputs}\n")
    assert found is not None
    assert [each.options for each in found.accepts] == [("x", "y"), ("x", "y")]


@pytest.mark.parametrize("filler", ["co-authored-by:" + " " * 50_000 + "x", "\n" * 50_000, " " * 50_000])
def test_no_message_of_a_commit_is_dear(filler: str) -> None:
    message = f"title\n{filler}\nCo-authored-by: Ada <ada@example.com>\nThis reverts commit 1234567."
    began = process_time()
    assert co_authors_of(message) == ("Ada",)
    assert reverts_of(message) == ("1234567",)
    assert process_time() - began < 2
