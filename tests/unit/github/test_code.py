"""Answers about references and commits that no stand-in gives: odd tags, empty repositories, rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.values import operation_key, sha
from tests.unit.github.wire import Say, Wire, wire

REPO = "/repos/acme/api"
KEY = operation_key("slw-1-abcdefghij")
HEAD, TAG, INNER = sha("a" * 40), sha("b" * 40), sha("c" * 40)
WHEN = "2026-11-20T12:00:00Z"
ADA = {"name": "Ada", "email": "ada@acme.example", "date": WHEN}


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    """Nothing is there."""
    async with wire() as made:
        made.say("GET", Say(404, {"message": "Not Found"}))
        for path in ("branches", "tags"):
            made.say(f"GET {REPO}/{path}", Say(200, []))
        yield made


def ref(github: Wire, name: str, kind: str, at: str) -> None:
    told = {"ref": f"refs/{name}", "object": {"type": kind, "sha": at}}
    github.say(f"GET {REPO}/git/ref/{name}", Say(200, told))


def tag(github: Wire, at: str, kind: str, target: str) -> None:
    told = {"sha": at, "tag": "v1", "object": {"type": kind, "sha": target}}
    github.say(f"GET {REPO}/git/tags/{at}", Say(200, told))


def commit(github: Wire, **more: Any) -> None:
    told = {"message": "Hi", "author": ADA, "committer": ADA, **more}
    whole: dict[str, Any] = {
        "sha": HEAD,
        "commit": told,
        "author": None,
        "parents": [],
        "html_url": "https://x.test",
    }
    github.say(f"GET {REPO}/commits/{HEAD}", Say(200, whole))


async def test_a_tag_of_a_tag_leads_to_the_commit(github: Wire) -> None:
    ref(github, "tags/v1", "tag", TAG)
    tag(github, TAG, "tag", INNER)
    tag(github, INNER, "commit", HEAD)
    assert (await github.github.code.resolve("acme/api", "v1")).sha == HEAD


async def test_tags_in_a_circle_come_to_an_end(github: Wire) -> None:
    ref(github, "tags/v1", "tag", TAG)
    tag(github, TAG, "tag", INNER)
    tag(github, INNER, "tag", TAG)
    with pytest.raises(UserError, match="does not name a commit"):
        await github.github.code.resolve("acme/api", "v1")


async def test_a_tag_of_a_folder_is_no_release(github: Wire) -> None:
    ref(github, "tags/v1", "tree", TAG)
    with pytest.raises(UserError, match="tree"):
        await github.github.code.resolve("acme/api", "v1")


async def test_another_reference_than_was_asked_for_does_not_count(github: Wire) -> None:
    told = {"ref": "refs/heads/main-2", "object": {"type": "commit", "sha": HEAD}}
    github.say(f"GET {REPO}/git/ref/heads/main", Say(200, told))
    with pytest.raises(UserError, match="no branch"):
        await github.github.code.resolve("acme/api", "main")


async def test_an_empty_repository_has_nothing_to_deploy(github: Wire) -> None:
    empty = Say(409, {"message": "Git Repository is empty."})
    for name in ("heads/main", "tags/main"):
        github.say(f"GET {REPO}/git/ref/{name}", empty)
    with pytest.raises(UserError, match="no branch"):
        await github.github.code.resolve("acme/api", "main")


async def test_a_commit_found_by_other_digits_does_not_count(github: Wire) -> None:
    commit(github)
    github.say(f"GET {REPO}/commits/abcdef1", Say(200, {"sha": HEAD}))
    with pytest.raises(UserError, match="no branch"):
        await github.github.code.resolve("acme/api", "abcdef1")


async def test_a_commit_without_an_author_is_read(github: Wire) -> None:
    commit(github, author=None)
    told = await github.github.code.commit("acme/api", HEAD)
    assert told.author == "unknown"
    assert told.authored_at == told.committed_at == datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_a_commit_without_any_date_is_not_understood(github: Wire) -> None:
    commit(github, author=None, committer=None)
    with pytest.raises(Transient, match="understood"):
        await github.github.code.commit("acme/api", HEAD)


@pytest.mark.parametrize("text", ["[", "<html>", '"x"', "[]", "{}", "null", ""])
async def test_an_answer_that_makes_no_sense_is_an_error_of_ours(github: Wire, text: str) -> None:
    github.say(f"GET {REPO}/commits/{HEAD}", Say(200, text))
    with pytest.raises(Transient):
        await github.github.code.commit("acme/api", HEAD)


async def test_a_tag_that_rules_forbid_needs_a_person(github: Wire) -> None:
    github.say(
        "POST", Say(422, {"message": "Repository rule violations found", "errors": ["Cannot create ref"]})
    )
    with pytest.raises(NeedsHuman, match="Cannot create ref") as refused:
        await github.github.pins.create("acme/api", KEY, HEAD)
    assert "slipway/*" in refused.value.next


async def test_a_tag_that_cannot_be_deleted_needs_a_person(github: Wire) -> None:
    github.say("DELETE", Say(422, {"message": "Cannot delete this tag"}))
    ref(github, f"tags/slipway/{KEY}", "commit", HEAD)
    with pytest.raises(NeedsHuman, match="Cannot delete"):
        await github.github.pins.delete("acme/api", KEY)


async def test_only_our_own_tags_can_be_touched(github: Wire) -> None:
    for name in ("v1.0.0", "../heads/main", "slw-1-abcdefghij/../../heads/main"):
        with pytest.raises(ValueError, match="operation key"):
            await github.github.pins.delete("acme/api", name)  # type: ignore[arg-type]
    assert github.seen == []
