"""Rules on tags, which the stand-in does not have: whether they are in the way of our pins."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.findings import Grade
from integrations.github.ways_around import Target
from tests.unit.github.wire import Say, Wire, wire

REPO = "/repos/acme/api"
FILE = base64.b64encode(b"on: workflow_dispatch\njobs: {}\n").decode()
TARGET = Target("acme/api", "deploy.yml", "production")


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    """A repository in which all is well."""
    async with wire() as made:
        repository = {"full_name": "acme/api", "archived": False, "permissions": {"push": True}}
        told: dict[str, Any] = {
            "/rate_limit": {"resources": {"core": {"limit": 5000, "remaining": 4999}}},
            "/user": {"login": "deployer"},
            REPO: repository,
            f"{REPO}/contents/.github/workflows": [{"name": "deploy.yml"}, {"name": "README.md"}],
            f"{REPO}/contents/.github/workflows/deploy.yml": {"content": FILE},
            f"{REPO}/actions/workflows/deploy.yml": {"state": "active"},
        }
        made.say("GET", Say(404, {"message": "Not Found"}))
        for path, body in told.items():
            made.say(f"GET {path}", Say(200, body))
        yield made


def rule(github: Wire, include: list[str], exclude: list[str], *kinds: str, **more: object) -> None:
    """Let the repository have one ruleset for tags."""
    brief = {"id": 5, "name": "release tags", "target": "tag", "enforcement": "active", **more}
    conditions = {"ref_name": {"include": include, "exclude": exclude}}
    github.say(
        f"GET {REPO}/rulesets", Say(200, [brief, {"id": 6, "target": "branch", "enforcement": "active"}])
    )
    whole = {**brief, "conditions": conditions, "rules": [{"type": kind} for kind in kinds]}
    github.say(f"GET {REPO}/rulesets/5", Say(200, whole))


async def bad(github: Wire) -> list[str]:
    return [each.what for each in await github.github.check([TARGET]) if each.grade is not Grade.OK]


async def test_without_rules_all_is_well(github: Wire) -> None:
    assert await bad(github) == []


@pytest.mark.parametrize("include", [["~ALL"], ["refs/tags/slipway/*"], ["refs/tags/**"]])
async def test_a_rule_that_forbids_our_tags_is_told(github: Wire, include: list[str]) -> None:
    rule(github, include, [], "creation", "deletion", "update")
    assert await bad(github) == ["The ruleset release tags of acme/api forbids creation and deletion."]


async def test_a_rule_that_leaves_our_tags_alone_is_fine(github: Wire) -> None:
    for include, exclude in ((["refs/tags/v*"], []), (["~ALL"], ["refs/tags/slipway/**"])):
        rule(github, include, exclude, "creation")
        assert await bad(github) == []
    rule(github, ["~ALL"], [], "update")
    assert await bad(github) == []
    rule(github, ["~ALL"], [], "creation", enforcement="evaluate")
    assert await bad(github) == []
    rule(github, ["~ALL"], [], "creation", current_user_can_bypass="always")
    assert await bad(github) == []


async def test_an_archived_repository_and_a_reader_are_told(github: Wire) -> None:
    github.say(f"GET {REPO}", Say(200, {"full_name": "acme/api", "archived": True}))
    assert await bad(github) == ["acme/api is archived."]
    reader = {"full_name": "acme/api", "archived": False, "permissions": {"push": False}}
    github.say(f"GET {REPO}", Say(200, reader))
    assert await bad(github) == ["We may only read acme/api."]


async def test_a_workflow_that_a_tag_is_to_start_must_listen_to_such_a_name(github: Wire) -> None:
    by_tag = replace(TARGET, pushes="live-slw-1-aaaaaaaaaa")
    (deaf,) = [each for each in await github.github.check([by_tag]) if each.grade is not Grade.OK]
    assert "does not start when the tag live-slw-1-aaaaaaaaaa is pushed" in deaf.what
    file = base64.b64encode(b"on: {push: {tags: ['live-*']}}\njobs: {}\n").decode()
    github.say(f"GET {REPO}/contents/.github/workflows/deploy.yml", Say(200, {"content": file}))
    rule(github, ["refs/tags/live-*"], [], "creation")
    (forbidden,) = [each for each in await github.github.check([by_tag]) if each.grade is not Grade.OK]
    assert "forbids creation" in forbidden.what
