"""What the doctor finds at GitHub; each finding that is not well says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.core.findings import Finding, Grade
from bot.playground.clock import WallClock
from bot.playground.github.auth import AppIdentity
from integrations.github.factory import App, Token, build
from integrations.github.ways_around import Target
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness
from tests.contract.playground_github import APP_ID, PRIVATE_KEY, PUBLIC_KEY

INPUTS = frozenset({"environment", "version", "operation"})
PRODUCTION = Target(REPOSITORY, "deploy.yml", "production", INPUTS)


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


def wrong(findings: tuple[Finding, ...]) -> list[Finding]:
    bad = [each for each in findings if each.grade is not Grade.OK]
    assert all(each.fix for each in bad)
    return bad


def rewrite(harness: GitHubHarness, text: str, path: str = ".github/workflows/deploy.yml") -> None:
    """Give a file other words on the default branch."""
    commit = harness.repo.git.commits[harness.tip()]
    object.__setattr__(commit, "tree", {**commit.tree, path: text})


async def test_all_is_well(harness: GitHubHarness) -> None:
    findings = await harness.github.check([PRODUCTION])
    assert wrong(findings) == []
    told = " ".join(each.what for each in findings)
    for word in ("acme-deployer", "calls are left", "deploy.yml", "production", "admits our tags"):
        assert word in told


async def test_a_wrong_token_ends_it(harness: GitHubHarness) -> None:
    github = build(Token("ghp_wrong"), WallClock(), api_url=harness.stand_in.url)
    (finding,) = await github.check([PRODUCTION])
    await github.close()
    assert finding.grade is Grade.FAIL
    assert "GITHUB_TOKEN" in finding.fix


async def test_a_github_that_cannot_be_reached_is_told(harness: GitHubHarness) -> None:
    await harness.go_down()
    (finding,) = await harness.github.check([PRODUCTION])
    assert finding.grade is Grade.FAIL
    assert "GITHUB_API_URL" in finding.fix


async def test_a_token_without_the_scope_is_told(harness: GitHubHarness) -> None:
    harness.stand_in.site.access.scopes = "read:org"
    assert "scope repo" in wrong(await harness.github.check([PRODUCTION]))[0].fix


async def test_a_limit_that_is_nearly_used_up_is_a_warning(harness: GitHubHarness) -> None:
    await harness.code.repository(REPOSITORY)
    harness.stand_in.site.limits.remaining = 100
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert finding.grade is Grade.WARN
    assert "of 5000" in finding.what


async def test_an_unknown_repository_does_not_hide_the_others(harness: GitHubHarness) -> None:
    targets = [PRODUCTION, Target("acme/nothing", "deploy.yml", "x"), Target("acme/web", "nothing.yml", "x")]
    names = [each.what for each in wrong(await harness.github.check(targets))]
    assert any("acme/nothing" in each for each in names)
    assert any("nothing.yml in acme/web" in each for each in names)


async def test_a_renamed_repository_is_told(harness: GitHubHarness) -> None:
    await harness.stand_in.acts.rename_repository({"repository": "api", "name": "api-two"})
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert "acme/api-two" in finding.what


async def test_inputs_that_do_not_fit_are_named(harness: GitHubHarness) -> None:
    target = Target(REPOSITORY, "deploy.yml", "production", frozenset({"environment", "colour"}))
    told = [each.what for each in wrong(await harness.github.check([target]))]
    assert len(told) == 2
    assert "colour" in told[0]
    assert "version" in told[1]


async def test_a_disabled_workflow_is_told(harness: GitHubHarness) -> None:
    await harness.disable("deploy.yml")
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert "disabled" in finding.what


async def test_a_workflow_without_the_trigger_is_told(harness: GitHubHarness) -> None:
    rewrite(harness, "on: pull_request\njobs: {}\n")
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert "workflow_dispatch" in finding.what


async def test_a_workflow_that_our_tags_would_start_is_a_warning(harness: GitHubHarness) -> None:
    rewrite(
        harness,
        "on: {push: {tags: ['**']}, workflow_dispatch: {inputs: {environment: , version: , operation: }}}\n",
    )
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert finding.grade is Grade.WARN
    assert "tags-ignore" in finding.fix
    unpinned = Target(REPOSITORY, "deploy.yml", "production", INPUTS, pinned=False)
    assert wrong(await harness.github.check([unpinned])) == []


async def test_an_environment_that_admits_no_tag_of_ours_is_told(harness: GitHubHarness) -> None:
    harness.repo.environments["production"].policies = (("main", "branch"), ("v*", "tag"))
    (finding,) = wrong(await harness.github.check([PRODUCTION]))
    assert "production" in finding.what
    assert "slipway/*" in finding.fix


async def test_a_team_that_can_not_be_read_is_told(harness: GitHubHarness) -> None:
    teams = ["acme/payments", "acme/sre"]
    told = " ".join(each.what for each in await harness.github.check([PRODUCTION], teams))
    assert "The team acme/payments can be read: 2 accounts." in told
    (finding,) = wrong(await harness.github.check([PRODUCTION], ["acme/nobody"]))
    assert (finding.grade, "acme/nobody" in finding.what) == (Grade.FAIL, True)
    harness.stand_in.site.access.scopes = "repo, workflow"
    found = wrong(await harness.github.check([PRODUCTION], teams))
    assert ["the scope read:org" in each.fix for each in found] == [True, True]


async def test_credentials_that_nobody_needs_are_a_warning(harness: GitHubHarness) -> None:
    (finding,) = wrong(await harness.github.check([]))
    assert finding.grade is Grade.WARN


GATED = replace(PRODUCTION, pinned=False, waits=True, guarded=True)
WORKFLOW = "on: push\njobs: {}\n"  # what begins at GitHub is sent nothing
OWNERS = "* @acme/all\n/.github/ @acme/leads\n"


@asynccontextmanager
async def as_app() -> AsyncIterator[GitHubHarness]:
    identity = AppIdentity(APP_ID, PUBLIC_KEY)
    async with github_harness(App(str(APP_ID), PRIVATE_KEY), identity) as made:
        rewrite(made, WORKFLOW)
        yield made


async def told(harness: GitHubHarness, target: Target = GATED) -> list[tuple[Grade, str]]:
    """What is not well, in short."""
    return [(each.grade, each.what.partition(":")[0]) for each in wrong(await harness.github.check([target]))]


async def test_each_way_around_a_guarded_environment_is_told_until_it_is_shut() -> None:
    async with as_app() as harness:
        production = harness.repo.environments["production"]
        production.policies = ()
        unasked = "The environment production of acme/api does not ask Slipway"
        anywhere = (Grade.WARN, "Any branch may deploy to production of acme/api")
        nobody = (Grade.WARN, "Nobody owns .github/workflows/deploy.yml of acme/api")
        assert await told(harness) == [(Grade.FAIL, unasked), anywhere, nobody]
        dispatched = replace(GATED, waits=False)
        assert (Grade.WARN, unasked) in await told(harness, dispatched)
        ((_, free),) = await told(harness, replace(dispatched, guarded=False))
        assert "workflow_dispatch" in free, "what anybody may deploy to needs no guard"

        production.custom_rule, production.can_admins_bypass = True, True
        production.policies = (("main", "branch"), ("**", "tag"))
        rewrite(harness, OWNERS, ".github/CODEOWNERS")
        passed = (Grade.WARN, "Administrators may pass the rules of the environment production of acme/api")
        wide = (Grade.WARN, "The environment production of acme/api admits **")
        assert await told(harness) == [passed, wide]

        production.can_admins_bypass, production.policies = False, (("main", "branch"), ("v*", "tag"))
        assert await told(harness) == []
        rewrite(harness, "services: {}\n", "slipway.yml")
        rewrite(harness, "/.github/ @acme/leads\n", ".github/CODEOWNERS")
        assert await told(harness) == [(Grade.WARN, "Nobody owns slipway.yml of acme/api")]


async def test_an_environment_that_nobody_made_guards_nothing() -> None:
    async with as_app() as harness:
        rewrite(harness, OWNERS, ".github/CODEOWNERS")
        target = replace(GATED, waits=False, gate="live")
        assert (Grade.WARN, "There is no environment live of acme/api") in await told(harness, target)


async def test_a_token_cannot_answer_a_gate(harness: GitHubHarness) -> None:
    alone = (Grade.FAIL, "Only a GitHub App can answer the gate production of acme/api")
    assert alone in await told(harness)
